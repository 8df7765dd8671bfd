"""Gradient boosting and logistic regression of scikit-learn on a few labels of a table: for each file of labelled rows, the accuracies on the test rows."""
import csv
import sys

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.preprocessing import OneHotEncoder, StandardScaler

path, train_rows, label_files = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
with open(path, newline="") as file:
    header, *rows = list(csv.reader(file))


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


numbers = [c for c in range(len(header) - 1) if all(is_number(row[c]) for row in rows)]
levels = [c for c in range(len(header) - 1) if c not in numbers]
number = np.array([[float(row[c]) for c in numbers] for row in rows])
level = np.array([[row[c] for c in levels] for row in rows])
truth = np.array([row[-1] for row in rows])
for name in label_files:
    with open(name) as file:
        known = [int(line) for line in file]
    encoder = OneHotEncoder(handle_unknown="ignore").fit(level[known])
    features = np.hstack([number, encoder.transform(level).toarray()])
    test = slice(train_rows, None)
    boosted = GradientBoostingClassifier(random_state=0).fit(features[known], truth[known])
    scaler = StandardScaler().fit(features[known])
    scaled = np.clip(scaler.transform(features), -10, 10)
    logistic = LogisticRegressionCV(max_iter=2000).fit(scaled[known], truth[known])
    print((boosted.predict(features[test]) == truth[test]).mean(), (logistic.predict(scaled[test]) == truth[test]).mean(), flush=True)
