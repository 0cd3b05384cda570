from dataclasses import replace
from datetime import UTC, datetime

from resources.state.verdicts import StoredVerdict
from serving.pages.interval import draw_interval

VERDICT = StoredVerdict("w", 1, 2, "continue", 0.5, 0.0, 1.0, 10, datetime(2026, 3, 1, tzinfo=UTC), "")


def test_zero_stands_in_the_middle_and_the_ends_leave_room():
    drawing = draw_interval(VERDICT, margin=0.0)
    # the line reaches 1.15 * 1.0 to each side: 1.0 stands at 50 + 50 / 1.15 = 93.478, 0.5 at 71.739
    assert (drawing.low, drawing.high, drawing.estimate) == (50.0, 93.478, 71.739)
    assert (drawing.margin_low, drawing.margin_high) == (50.0, 50.0)


def test_margin_is_drawn_to_scale():
    drawing = draw_interval(VERDICT, margin=2.0)
    # the line reaches 2.3: the margin stands at 50 -+ 50 * 2 / 2.3 = 6.522 and 93.478
    assert (drawing.margin_low, drawing.margin_high) == (6.522, 93.478)


def test_interval_of_nothing_is_drawn_in_the_middle():
    drawing = draw_interval(replace(VERDICT, estimate=0.0, low=0.0, high=0.0), margin=0.0)
    assert drawing.estimate == 50.0


def test_without_an_interval_there_is_no_drawing():
    assert draw_interval(None, 0.0) is None
    assert draw_interval(replace(VERDICT, low=None), 0.0) is None
