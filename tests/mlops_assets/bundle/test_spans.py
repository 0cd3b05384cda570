import numpy as np
import pytest

from mlops_assets.bundle.abstention import Abstention
from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.feed import NUMBERS
from mlops_assets.bundle.load import load_bundle
from mlops_assets.bundle.spans import Numbers, Spans, Words, conformity, count_words
from mlops_assets.training.features import feature_frame
from mlops_assets.training.spans import learn_spans

TERMS = ("total", "dear")
NOTHING = Numbers(*(np.zeros(0, np.float32) for _ in range(3)), weight=1.0, components=np.zeros((0, 2), np.float32))


def words(components, unknown=1.0):
    """Two terms of weight 1, ascending by their hashes as a bundle has them."""
    hashes = [int(count_words(term)[0][0]) for term in TERMS]
    order = np.argsort(hashes)
    return Words(
        "text",
        np.array(hashes, np.uint32)[order],
        np.ones(2, np.float32),
        unknown,
        np.array(components, np.float16)[order],
    )


def spans(numbers=NOTHING):
    """'total' is all that the first class spans, 'dear' all of the second."""
    return Spans((words(np.eye(2)),), numbers, n_classes=2)


def feed(*texts, numbers=None):
    given = {"text": np.array(texts, dtype=object).reshape(-1, 1)}
    return given if numbers is None else given | {NUMBERS: np.array(numbers, np.float32)}


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("TOTAL total", [1.0, 0.0]),
        ("total dear", [0.5, 0.5]),
        ("total other", [0.5, 0.0]),  # the unknown word is half of the squared length
        ("total, other: words here", [0.25, 0.0]),
        ("none of these", [0.0, 0.0]),
        ("", [0.0, 0.0]),
        ("a \ud800 b", [0.0, 0.0]),
    ],
)
def test_shares_of_a_text_are_those_worked_by_hand(text, shares):
    assert spans().measure(feed(text)).tolist() == [pytest.approx(shares)]


def test_a_word_that_stands_often_counts_by_its_logarithm():
    # e times cannot be; 3 times: (1 + ln 3)^2 = 4.404 beside 1, so 4.404 / 5.404
    assert spans().measure(feed("total total total dear"))[0] == pytest.approx([0.815, 0.185], abs=1e-3)


def test_numbers_count_beside_the_text_and_a_missing_one_is_the_middle():
    # (12 - 10) / 2 = 1 deviation of weight 1 over sqrt(1 column): x = ('total' 1, number 1), half of it each
    one = np.ones(1, np.float32)
    numbers = Numbers(14 * one, 10 * one, 2 * one, 1.0, np.array([[0.0, 1.0]], np.float32))
    measured = spans(numbers).measure(feed("total", "total", numbers=[[12.0], [np.nan]]))
    assert measured[0] == pytest.approx([0.5, 0.5])
    assert measured[1] == pytest.approx([0.2, 0.8])  # the middle, 14, is two deviations away: 1 and 4 of 5


def test_one_number_far_away_does_not_outweigh_everything():
    one = np.ones(1, np.float32)
    numbers = Numbers(0 * one, 0 * one, one, 1.0, np.zeros((1, 2), np.float32))
    assert spans(numbers).measure(feed("total", numbers=[[1e30]]))[0, 0] == pytest.approx(
        1 / 17
    )  # 4 deviations at most


def test_conformity_is_the_share_where_the_model_is_sure_and_less_elsewhere():
    assert conformity(np.array([[1.0, 0.25, 0.0]]), np.array([[0.5, 0.5, 0.5]])).tolist() == [[0.5, 0.125, 0.0]]


def test_they_come_back_from_their_bytes():
    data = spans().to_bytes()
    again = Spans.from_bytes(data)
    assert again.measure(feed("total dear other")).tolist() == spans().measure(feed("total dear other")).tolist()
    for broken in (b"", b"PK", data[: len(data) // 2]):
        with pytest.raises(BundleError, match="spans"):
            Spans.from_bytes(broken)


def test_a_bundle_compares_by_what_its_classes_span(write, frame, use_case):
    case = use_case("classification")
    X = feature_frame(frame, case)
    learnt = learn_spans(X, frame["label"].to_numpy(dtype=str), np.array(["high", "low"]), ["words"])
    bundle = load_bundle(write(abstention=Abstention(0.1, 0.3, 48).to_json(), spans=learnt.to_bytes()))
    plain = [
        {"size in cm": 1.0, "weight": 1.5, "colour": "red", "side": "left", "words": text, "day": "2024-05-06"}
        for text in ("a good film", "entirely other words")
    ]
    predicted = bundle.answer_rows(plain)
    usual, strange = predicted.conformity.max(axis=1)
    assert strange < 0.8 * usual
    assert (predicted.conformity <= predicted.probabilities).all()
    by_frame = bundle.predict(bundle.schema.to_frame(plain))
    assert by_frame.conformity == pytest.approx(predicted.conformity)


def test_a_bundle_without_spans_compares_probabilities(write):
    assert load_bundle(write(abstention=Abstention(0.1, 0.3, 48).to_json())).spans is None
