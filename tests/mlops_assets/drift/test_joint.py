import numpy as np
import pytest

from mlops_assets.drift.codes import numeric_coding
from mlops_assets.drift.joint import COLUMNS_MAX, build_joint, scored_rows, sum_rows
from mlops_assets.drift.table import CodedTable


def coded(rows):
    codings = [numeric_coding(np.sort(column[~np.isnan(column)])) for column in rows.T]
    codes = [coding.encode(column) for coding, column in zip(codings, rows.T, strict=True)]
    return CodedTable({f"x{at}": one for at, one in enumerate(codings)}, np.stack(codes, axis=1))


def related(rng, n, correlation=0.6):
    x, noise = rng.normal(size=(2, n))
    return np.stack([x, correlation * x + np.sqrt(1 - correlation**2) * noise], axis=1)


def batch_of(table, rows):
    codes = [coding.encode(column) for coding, column in zip(table.codings.values(), rows.T, strict=True)]
    scores, present = scored_rows(table, np.stack(codes, axis=1))
    return sum_rows(scores[None].astype(float), present[None].astype(float))


def test_the_covariance_of_scores_is_a_rank_correlation():
    joint = build_joint(coded(related(np.random.default_rng(0), 4000)))
    assert joint.covariance == pytest.approx(np.array([[1, 0.6], [0.6, 1]]), abs=0.04)


def test_a_pair_scores_one_standard_error_by_chance_and_many_when_its_relation_is_gone():
    rng = np.random.default_rng(1)
    table = coded(related(rng, 4000))
    joint = build_joint(table)
    same = [joint.pairs_z(batch_of(table, related(rng, 300)), joint.total)[0, 0, 1] for _ in range(200)]
    assert np.std(same) == pytest.approx(1, abs=0.2)  # 4 standard errors
    assert joint.pairs_z(batch_of(table, related(rng, 300, 0.0)), joint.total)[0, 0, 1] < -5
    assert (np.diagonal(joint.pairs_z(joint.total, joint.total)[0]) == 0).all()


def test_missing_values_do_not_pass_for_a_lost_relation():
    rng = np.random.default_rng(2)
    table = coded(related(rng, 4000))
    rows = related(rng, 1000)
    rows[:600, 1] = np.nan
    assert abs(build_joint(table).pairs_z(batch_of(table, rows), build_joint(table).total)[0, 0, 1]) < 4


def test_few_values_in_a_column_do_not_pass_for_a_move_of_all():
    rng = np.random.default_rng(6)
    table = coded(related(rng, 4000, 0.9))
    joint, found = build_joint(table), []
    for _ in range(200):
        rows = related(rng, 1000, 0.9)
        rows[20:, 1] = np.nan  # labels that are still to come
        found.append(joint.overall_z(batch_of(table, rows), joint.total)[0])
    assert np.std(found, axis=0)[1:] == pytest.approx([1, 1], abs=0.2)  # 4 standard errors
    assert np.mean(np.array(found)[:, 0] > 2) < 0.08  # 0.023 by chance, and 4 standard errors


def test_columns_that_move_in_step_are_seen_together():
    rng = np.random.default_rng(3)
    table = coded(rng.normal(size=(4000, 20)))
    joint = build_joint(table)
    total, *_ = joint.overall_z(batch_of(table, rng.normal(0.2, 1, size=(200, 20))), joint.total)[0]
    assert total > 6
    still, *_ = joint.overall_z(batch_of(table, rng.normal(size=(200, 20))), joint.total)[0]
    assert still < 3.5


def test_sums_of_parts_add_up():
    scores = np.random.default_rng(4).normal(size=(3, 5, 2))
    parts, whole = sum_rows(scores, np.ones_like(scores)), sum_rows(scores.reshape(1, 15, 2), np.ones((1, 15, 2)))
    first = parts.chosen(np.array([[1, 1, 0]], dtype=np.float32))
    last = parts.chosen(np.array([[0, 0, 1]], dtype=np.float32))
    left = whole.without(first)
    for name in ("rows", "present", "scores", "products"):
        assert getattr(left, name) == pytest.approx(getattr(last, name))


def test_at_most_40_columns_are_compared_together():
    table = coded(np.random.default_rng(5).normal(size=(50, COLUMNS_MAX + 3)))
    assert build_joint(table).scores.shape == (50, COLUMNS_MAX)


def test_constant_columns_have_no_relation_and_give_no_nan():
    table = coded(np.column_stack([np.full(60, 2.0), np.full(60, 3.0)]))
    joint = build_joint(table)
    assert (joint.pairs_z(joint.total, joint.total) == 0).all()
    assert np.isfinite(joint.overall_z(joint.total, joint.total)).all()


@pytest.mark.parametrize(("others", "compared"), [(25, False), (35, True)])
def test_a_column_that_few_rows_differ_in_has_no_relation_that_could_change(others, compared):
    rng = np.random.default_rng(3)
    rows = np.stack([np.repeat([9.0, 1.0], [others, 4000 - others]), rng.normal(size=4000)], axis=1)
    assert (build_joint(coded(rows)).spread[0, 1] > 0) == compared
