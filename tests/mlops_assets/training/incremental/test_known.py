import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from mlops_assets.training.incremental.known import check_known
from mlops_assets.training.incremental.refusal import RefitNeededError

X = pd.DataFrame({"colour": ["red", "blue", np.nan, "red"]})
Y = np.array(["high", "low", "low", "high"])


@pytest.fixture(scope="module")
def pipeline():
    prepare = ColumnTransformer([("category", OneHotEncoder(handle_unknown="ignore"), ["colour"])])
    return Pipeline([("prepare", prepare), ("model", LogisticRegression())]).fit(X, Y)


def test_known_rows_pass(pipeline):
    check_known(pipeline, X, Y, unseen_max=0.0)


def test_a_new_class_is_refused(pipeline):
    with pytest.raises(RefitNeededError, match="class 'middle' is new to the model; a refit is due"):
        check_known(pipeline, X, np.array(["high", "middle", "low", "low"]), unseen_max=1.0)


def test_a_new_category_is_refused_where_more_rows_have_it_than_may(pipeline):
    rows = X.assign(colour=["green", "blue", np.nan, "red"])  # one row in four
    check_known(pipeline, rows, Y, unseen_max=0.25)
    with pytest.raises(RefitNeededError, match=r"colour: 1 of 4 rows have a category .* such as 'green'; 20.0% may"):
        check_known(pipeline, rows, Y, unseen_max=0.2)
