from mlops_assets.report.race_part import race_html

RECORD = {
    "recipe": "lightgbm plain",
    "standing": {"total": {"keep": 9.0, "refit_all": 5.0}, "chosen": "refit_all", "reason": "least loss <so far>"},
    "turns": [
        {"window": "w1", "rows": 0, "known": 0, "chosen": "", "loss": {}, "learnt": {}},
        {
            "window": "w2",
            "rows": 40,
            "known": 900,
            "chosen": "keep",
            "loss": {"keep": 2.5, "refit_all": 1.25},
            "learnt": {"keep": "as it was", "refit_all": "on 900 rows"},
        },
    ],
    "explained": [
        {"window": "w1", "policy": "keep", "shares": {}, "gap": None, "moved": None, "note": "does not add up"},
        {"window": "w2", "policy": "keep", "shares": {"a": 0.25, "b": 0.75}, "gap": 1e-9, "moved": 0.1, "note": ""},
    ],
}


def test_the_newest_window_comes_first_with_the_loss_of_every_policy() -> None:
    text = race_html(RECORD, {"the race": b"png"})
    assert "refit_all is used next, because least loss &lt;so far&gt;" in text
    assert '<td>w2</td><td class="number">40</td><td class="number">900</td><td>keep</td>' in text
    assert '<td class="number">2.5</td><td class="number">1.25</td>' in text
    assert text.index("<td>w2</td>") < text.index("<td>w1</td>")
    assert "<td>no model yet</td><td></td><td></td>" in text
    assert "<td>refit_all</td><td>on 900 rows</td>" in text
    assert "<figcaption>the race</figcaption>" in text


def test_what_was_listened_to_or_why_nobody_knows() -> None:
    text = race_html(RECORD, {})
    assert '<td>b (75%)</td><td class="number">0.1</td><td>1.0e-09 of the largest answer</td>' in text
    assert "<td>does not add up</td>" in text


def test_a_race_that_has_not_begun_says_so() -> None:
    text = race_html({**RECORD, "turns": [], "explained": []}, {})
    for sentence in ("no window was raced yet", "nothing was learnt yet", "no window was explained yet"):
        assert sentence in text
