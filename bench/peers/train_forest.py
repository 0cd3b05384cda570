"""Train the forest of the comparison in the environment of a peer: python train_forest.py CSV FOLDER."""

import csv
import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier

source, folder = Path(sys.argv[1]), Path(sys.argv[2])
with source.open(encoding="utf-8", newline="") as file:
    table = np.array([[float(value) for value in row] for row in list(csv.reader(file))[1:]])
model = RandomForestClassifier(n_estimators=100, n_jobs=1, random_state=7).fit(table[:, :-1], table[:, -1].astype(int))
joblib.dump(model, folder / "model.joblib")
if "--mlflow" in sys.argv:
    import mlflow.sklearn

    mlflow.sklearn.save_model(
        model, str(folder / "mlflow"), pip_requirements=[], skops_trusted_types=["sklearn.tree._tree.Tree"]
    )
