from mlops_assets.training.memory.proposal import Past, proposed


def test_nothing_is_proposed_from_nothing():
    assert proposed([], {"log_rows": 3.0}) == ()


def test_the_nearest_three_decide():
    near = [Past({"log_rows": 3.0 + step}, ("tree", "linear")) for step in (0.0, 0.1, 0.2)]
    far = [Past({"log_rows": 6.0}, ("linear", "tree"))] * 9
    assert proposed(far + near, {"log_rows": 3.0}) == ("tree", "linear")


def test_places_are_averaged_and_a_missing_family_stands_last():
    # forest: 0 + 1 + 2 = 3 (absent from the third board of two), tree: 1 + 0 + 0 = 1, linear: 2 + 2 + 1 = 5
    past = [
        Past({"log_rows": 3.0}, ("forest", "tree", "linear")),
        Past({"log_rows": 3.0}, ("tree", "forest", "linear")),
        Past({"log_rows": 3.0}, ("tree", "linear")),
    ]
    assert proposed(past, {"log_rows": 3.0}) == ("tree", "forest", "linear")


def test_traits_count_in_units_of_their_deviation():
    # the first trait differs by 1 among values around 1,000, the second by 1 among values that differ by 1
    past = [
        Past({"a": 0.0, "b": 1.0}, ("tree",)),
        Past({"a": 1000.0, "b": 0.0}, ("linear",)),
        Past({"a": 2000.0, "b": 1.0}, ("forest",)),
        Past({"a": 1.0, "b": 2.0}, ("boosting",)),
    ]
    assert proposed(past, {"a": 1.0, "b": 1.0})[0] == "tree"


def test_boards_with_other_traits_do_not_count():
    assert proposed([Past({"other": 1.0}, ("tree",))], {"log_rows": 3.0}) == ()
