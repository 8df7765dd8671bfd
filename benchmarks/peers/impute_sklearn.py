"""Fills the empty cells of a table of numbers by scikit-learn's imputers. Prints a line for each: name, mean squared error on the empty cells, seconds.

    impute_sklearn.py TRUTH.csv HOLED.csv
"""
import sys
import time
import warnings

import numpy as np
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

warnings.filterwarnings("ignore")
truth = np.genfromtxt(sys.argv[1], delimiter=",")
holed = np.genfromtxt(sys.argv[2], delimiter=",", filling_values=np.nan)
empty = np.isnan(holed)
for name, imputer in [
    ("mean", SimpleImputer()),
    ("nearest", KNNImputer(n_neighbors=5)),
    ("iterative", IterativeImputer(max_iter=10, random_state=0)),
]:
    start = time.time()
    filled = imputer.fit_transform(holed)
    print(name, np.mean((filled - truth)[empty] ** 2), time.time() - start)
