import json

import numpy as np
import pytest

from mlops_assets.loss.sketch import GRID, LossSketch, merged, sketch_losses


def test_zero_one_losses_lie_on_the_two_ends():
    sketch = sketch_losses([0, 1, 1, 0, 1], 1.0)
    assert (sketch.mass[0], sketch.mass[-1], sketch.n) == (2, 3, 5)
    assert sketch.mean == pytest.approx(0.6)
    assert sketch.std == pytest.approx(np.sqrt(0.6 * 0.4))


def test_a_loss_between_two_points_keeps_its_mean():
    # points 1 and 2 of 33 on the squares: (1/32)**2 and (2/32)**2; a quarter of the way gives weights 3/4 and 1/4
    low, high = (1 / 32) ** 2, (2 / 32) ** 2
    sketch = sketch_losses([low + (high - low) / 4], 1.0)
    assert sketch.mass[1:3].tolist() == pytest.approx([0.75, 0.25])
    assert sketch.mean == pytest.approx(low + (high - low) / 4)


def test_the_mean_is_exact_and_the_spread_is_rounded_up():
    losses = np.random.default_rng(0).gamma(2, 10, 1000)
    sketch = sketch_losses(losses, 120.0)
    clipped = np.minimum(losses, 120)
    assert sketch.mean == pytest.approx(clipped.mean())
    assert clipped.std() <= sketch.std <= 1.02 * clipped.std()


def test_no_bet_wins_more_on_the_sketch_than_on_the_losses():
    losses = np.random.default_rng(1).beta(2, 8, 500)
    for stake in (-0.9, -0.3, 0.3, 0.9):
        on_sketch = sketch_losses(losses, 1.0).mass @ np.log1p(stake * (GRID - 0.2))
        on_losses = np.log1p(stake * (losses - 0.2)).sum()
        assert on_losses - 0.5 <= on_sketch <= on_losses + 1e-9


def test_sketches_add_up_in_any_order():
    losses = np.random.default_rng(2).random(90)
    parts = [sketch_losses(part, 1.0) for part in np.split(losses, 3)]
    assert merged(parts).mass == pytest.approx(sketch_losses(losses, 1.0).mass)
    assert merged(parts[::-1]).mass == pytest.approx(merged(parts).mass)


def test_sketches_of_another_largest_loss_do_not_add_up():
    with pytest.raises(ValueError, match="losses up to 1 and up to 2 do not add up"):
        merged([sketch_losses([1], 1.0), sketch_losses([1], 2.0)])


def test_it_comes_back_from_json():
    sketch = sketch_losses(np.random.default_rng(3).random(50) * 120, 120.0)
    back = LossSketch.from_dict(json.loads(json.dumps(sketch.to_dict())))
    assert back.loss_max == 120
    assert back.mass == pytest.approx(sketch.mass, abs=1e-8)


@pytest.mark.parametrize(
    ("losses", "words"),
    [([], "at least one is due"), ([0.1, np.nan], "loss nan at position 1"), ([-1.0], "at least 0 is due")],
)
def test_what_is_no_loss_is_named(losses, words):
    with pytest.raises(ValueError, match=words):
        sketch_losses(losses, 1.0)
