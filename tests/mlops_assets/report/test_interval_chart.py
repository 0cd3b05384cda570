import re

import pytest

from mlops_assets.report.interval_chart import Look, interval_chart, nice_ticks, scale_of, signed

LOOKS = [Look(100, 2.0, -40.0, 40.0), Look(200, 3.0, -10.0, 20.0), Look(400, 3.0, -5.0, 10.0)]


def test_the_first_labels_do_not_set_the_scale():
    # 200 of 400 labels is past LATE: -10 to 20, and a tenth of 30 beyond on both sides
    scale = scale_of(LOOKS, margin=0.0)
    assert (scale.low, scale.high, scale.labels) == (-13.0, 23.0, 400)


def test_zero_and_the_margin_are_always_in_sight():
    scale = scale_of([Look(9, 5.0, 4.0, 6.0)], margin=1.0)
    assert scale.low < -1.0 < 6.0 < scale.high


def test_what_is_outside_stands_on_the_edge():
    scale = scale_of(LOOKS, margin=0.0)
    assert (scale.y(40.0), scale.y(-40.0)) == (0.0, 200.0)
    assert scale.y(5.0) == 100.0  # the middle of -13 and 23


@pytest.mark.parametrize(("low", "high"), [(-0.0031, 0.0007), (-1.0, 1.0), (-5.5, 36.0), (0.0, 1e6), (-2e-9, 1e-9)])
def test_ticks_are_few_round_and_hold_zero(low, high):
    ticks = nice_ticks(low, high)
    assert 0 in ticks
    assert 3 <= len(ticks) <= 9
    assert all(re.fullmatch(r"[1-9]?\d*0*", f"{abs(tick / (ticks[1] - ticks[0])):.0f}") for tick in ticks)


def test_numbers_carry_their_sign():
    assert [signed(value) for value in (0.1, -0.1, 0.0, -0.0, 12.3456)] == ["+0.1", "−0.1", "0", "0", "+12.3"]


def test_one_look_is_enough():
    drawn = interval_chart([Look(7, 0.0, 0.0, 0.0)], 0.0, "B better", "A better")
    assert 'aria-label="after 7 labels the difference is between 0 and 0"' in drawn


def test_what_the_sides_mean_is_escaped():
    assert "<b>" not in interval_chart(LOOKS, 0.0, "<b>", "<b>")
