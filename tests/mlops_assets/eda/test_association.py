import numpy as np
import pandas as pd
import pytest

from mlops_assets.eda.association import correlation_ratio, cramers_v, pearson, spearman

NAN = float("nan")


def numbers(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def labels(text: str) -> pd.Series:
    return pd.Series([None if letter == "-" else letter for letter in text], dtype=object)


def test_pearson_by_hand() -> None:
    # x - 2 = -1, 0, 1 and y - 3 = -2, 1, 1: 3 / sqrt(2 * 6) = 0.866
    assert pearson(numbers(1, 2, 3), numbers(1, 4, 4)) == pytest.approx(3 / np.sqrt(12))


def test_spearman_knows_any_rising_curve_and_shares_ranks() -> None:
    assert spearman(numbers(1, 2, 3, 4), numbers(1, 10, 100, 1000)) == pytest.approx(1)
    # ranks 1, 2, 3 and 1, 2.5, 2.5: as above with y - 2 = -1, 0.5, 0.5: 1.5 / sqrt(2 * 1.5)
    assert spearman(numbers(1, 2, 3), numbers(1, 4, 4)) == pytest.approx(1.5 / np.sqrt(3))


def test_the_correlation_ratio_by_hand() -> None:
    # means 1 and 3 of two rows each around 2: between = 2 * 1 + 2 * 1 = 4; all: 4 + 0 + 0 + 4 = 8
    assert correlation_ratio(labels("aabb"), numbers(0, 2, 2, 4)) == pytest.approx(np.sqrt(4 / 8))
    assert correlation_ratio(labels("aabb"), numbers(1, 1, 3, 3)) == pytest.approx(1)
    assert correlation_ratio(labels("abab"), numbers(1, 1, 3, 3)) == pytest.approx(0)


def test_cramers_v_by_hand() -> None:
    # 3 of each on the diagonal: chi2 = 6, phi2 = 1 less 1 / 5 = 0.8; r' = c' = 2 - 1 / 5 = 1.8: sqrt(0.8 / 0.8) = 1
    assert cramers_v(labels("aaabbb"), labels("xxxyyy")) == pytest.approx(1)
    # counts 2, 1 / 1, 2: each is 0.5 from 1.5, so chi2 = 4 * 0.25 / 1.5 = 2/3, phi2 = 1/9 < 1/5: chance explains it
    assert cramers_v(labels("aaabbb"), labels("xxyxyy")) == 0
    # counts 8, 2 / 2, 8: chi2 = 4 * 9 / 5 = 7.2, phi2 = 0.36 less 1/19; r' = 2 - 1/19
    phi2 = 0.36 - 1 / 19
    assert cramers_v(labels("a" * 10 + "b" * 10), labels("x" * 8 + "yyxx" + "y" * 8)) == pytest.approx(
        np.sqrt(phi2 / (1 - 1 / 19))
    )


def test_rows_that_lack_one_of_the_two_do_not_count() -> None:
    assert pearson(numbers(1, 2, 3, 9, NAN), numbers(1, 4, 4, NAN, 7)) == pearson(numbers(1, 2, 3), numbers(1, 4, 4))
    assert spearman(numbers(1, 2, 3, 9, NAN), numbers(1, 4, 4, NAN, 7)) == spearman(numbers(1, 2, 3), numbers(1, 4, 4))
    assert correlation_ratio(labels("aabb-c"), numbers(0, 2, 2, 4, 9, NAN)) == pytest.approx(np.sqrt(0.5))
    assert cramers_v(labels("aaabbb-b"), labels("xxxyyyx-")) == pytest.approx(1)


@pytest.mark.parametrize("measure", [pearson, spearman])
def test_of_constants_and_two_rows_nothing_can_be_said(measure) -> None:
    assert np.isnan(measure(numbers(1, 1, 1), numbers(1, 2, 3)))
    assert np.isnan(measure(numbers(1, 2), numbers(1, 2)))
    assert np.isnan(measure(numbers(), numbers()))


def test_of_one_label_nothing_can_be_said_about_a_category() -> None:
    assert np.isnan(cramers_v(labels("aaaa"), labels("xyxy")))
    assert np.isnan(cramers_v(labels(""), labels("")))
    assert np.isnan(correlation_ratio(labels("aabb"), numbers(1, 1, 1, 1)))


def test_each_measure_is_the_same_from_both_sides_and_within_its_range() -> None:
    random = np.random.default_rng(3)
    x, y = random.normal(size=(2, 300))
    a, b = (pd.Series(random.choice(list("abcd"), 300)) for _ in range(2))
    for measure, one, other in ((pearson, x, y), (spearman, x, y), (cramers_v, a, b)):
        assert measure(one, other) == pytest.approx(measure(other, one))
        assert abs(measure(one, other)) < 0.15
    assert 0 <= correlation_ratio(a, x) < 0.2
