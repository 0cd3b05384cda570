from datetime import timedelta

from tiny_loop import NOON, accept

from mlops_assets.graph.freshness import build_freshness_check


def check(installation):
    return build_freshness_check(installation.use_cases["tiny"])(installation=installation)


def test_no_batch_at_all_is_not_fresh(open_empty):
    result = check(open_empty())
    assert (result.passed, result.description) == (False, "no batch was accepted yet")


def test_a_batch_is_fresh_for_as_long_as_the_use_case_says(open_empty):
    for hours, fresh in ((47.9, True), (48.1, False)):
        installation = open_empty(clock=lambda hours=hours: NOON + timedelta(hours=hours))
        key = accept(installation, "a")
        result = check(installation)
        assert result.passed is fresh
        assert f"batch {key} was accepted {hours:.1f} hours ago; 48 are allowed" == result.description
