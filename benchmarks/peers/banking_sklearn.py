"""Logistic regression on TF-IDF features of the same labelled texts, its C chosen by cross-validation on them, beside the same chosen on the test texts.

Reads JSON of {"train": [texts], "labels": [label or null], "test": [texts], "truth": [labels]}; prints JSON lines.
"""
import json
import sys
import warnings

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

warnings.filterwarnings("ignore")
data = json.load(open(sys.argv[1]))
pairs = [(t, y) for t, y in zip(data["train"], data["labels"]) if y is not None]
texts, labels = [t for t, _ in pairs], [y for _, y in pairs]
views = {
    "words": lambda: TfidfVectorizer(),
    "2 to 5 characters, sublinear": lambda: TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
}
STRENGTHS = (1, 10, 100)
FOLDS = 3
for name, make in views.items():
    vectors = make()
    train = vectors.fit_transform(texts)
    test = vectors.transform(data["test"])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    scores = [cross_val_score(LogisticRegression(C=c, max_iter=60), train, labels, cv=folds).mean() for c in STRENGTHS]
    c = STRENGTHS[scores.index(max(scores))]
    fits = {s: LogisticRegression(C=s, max_iter=60).fit(train, labels).score(test, data["truth"]) for s in STRENGTHS}
    print(json.dumps({"features": name, "c": c, "cross_validated": max(scores), "accuracy": fits[c], "best_on_test": max(fits.values())}), flush=True)
