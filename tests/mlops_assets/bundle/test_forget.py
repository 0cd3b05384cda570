from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline

from mlops_assets.bundle.forget import forget_rows

TEXTS = ["good film", "good plot", "good SECRETTOKEN"]


def test_words_that_were_met_and_not_kept_are_gone_and_answers_stay():
    words = TfidfVectorizer(min_df=2)
    pipeline = Pipeline([("prepare", ColumnTransformer([("text", words, 0)]))]).fit([[text] for text in TEXTS])
    before = pipeline.transform([["a good film"]]).tolist()
    inner = pipeline["prepare"].named_transformers_["text"]
    assert "secrettoken" in inner.stop_words_
    forget_rows(pipeline)
    assert not hasattr(inner, "stop_words_")
    assert {type(at) for at in inner.vocabulary_.values()} == {int}
    assert pipeline.transform([["a good film"]]).tolist() == before
