"""When fine-tuning ends, and what it keeps."""

from itertools import count

import numpy as np
import pytest

from mlops_assets.training.bert.fine_tune import Sample, fine_tune, has_bfloat16, outputs, rate_share
from mlops_assets.training.bert.network import build_network, load_pretrained
from mlops_assets.training.bert.tokens import open_tokenizer, tokenise
from mlops_assets.training.budget import Budget


def test_the_rate_rises_and_falls():
    # warm-up 0.06: half way up at 0.03, at the top at 0.06, and from there in a line to 0: (1 - 0.53) / 0.94 = 0.5
    assert [round(rate_share(way), 3) for way in (0, 0.03, 0.06, 0.53, 1)] == [0, 0.5, 1, 0.5, 0]


@pytest.fixture(scope="module")
def tune(settings, minilm):
    """Fine-tunes on 24 texts with these targets, judged by 8 others, by a clock of one second a look at it."""

    def of(targets, held_out, seconds=1e9, **changed):
        encoder, tokenizer = load_pretrained(str(minilm))
        texts = [f"{'good' if at % 2 else 'bad'} film {at}" for at in range(32)]
        tokens = tokenise(open_tokenizer(tokenizer, 16), texts)
        network, nothing = build_network(encoder, 1, 0, random_state=1), np.zeros((32, 0), np.float32)
        train = Sample(tokens[:24], nothing[:24], np.float32(targets))
        judged = Sample(tokens[24:], nothing[24:], np.float32(held_out))
        lines, ticks = [], count()
        budget = Budget(seconds, lambda: float(next(ticks)))
        tuned = fine_tune(network, train, judged, "absolute", settings(**changed), budget, lines.append, 7)
        return network, judged, tuned, lines

    return of


@pytest.mark.slow
def test_a_budget_that_is_spent_ends_it_and_the_best_state_stays(tune):
    network, judged, tuned, lines = tune([-1, 1] * 12, [-1, 1] * 4, seconds=40, epochs_max=50)
    assert tuned.stopped.startswith("the budget of 40 s ended it in epoch")
    assert tuned.curve[-1].epoch < 50
    kept = np.abs(outputs(network, judged)[:, 0] - judged.target).mean()
    assert kept == pytest.approx(tuned.best.held_out_loss, abs=1e-6)
    assert len(lines) == len(tuned.curve)
    assert "on rows held out" in lines[0]


@pytest.mark.slow
def test_no_step_is_begun_that_leaves_no_time_for_its_look(tune):
    """A step takes 2 s of this clock, and the look after the second one 2 s more: 7 of 8 s are over by then."""
    _, _, tuned, _ = tune([-1, 1] * 12, [-1, 1] * 4, seconds=8, epochs_max=50)
    assert [look.step for look in tuned.curve] == [2]
    assert tuned.stopped == "the budget of 8 s ended it in epoch 0.67"


@pytest.mark.slow
def test_no_gain_for_some_looks_ends_it_with_the_state_of_before(tune):
    """Held-out rows that say the opposite of the training rows: each step makes them worse."""
    network, judged, tuned, _ = tune([-1, 1] * 12, [1, -1] * 4, epochs_max=50, patience=2)
    assert tuned.stopped == "no better in 2 looks"
    losses = [look.held_out_loss for look in tuned.curve]
    assert min(losses) == losses[-3]
    kept = np.abs(outputs(network, judged)[:, 0] - judged.target).mean()
    assert kept == pytest.approx(losses[-3], abs=1e-6)
    assert kept < losses[-1]


@pytest.mark.slow
def test_the_vectors_of_tokens_stay_and_everything_else_learns(tune, minilm):
    before = load_pretrained(str(minilm))[0].state_dict()
    after = tune([-1, 1] * 12, [-1, 1] * 4)[0].encoder.state_dict()
    kept = {name for name, value in after.items() if value.equal(before[name])}
    assert {name for name in kept if not name.startswith("pooler")} == {"embeddings.word_embeddings.weight"}


@pytest.mark.parametrize(
    ("device", "name", "halved"), [("cpu", "amx_bf16", True), ("cpu", "avx2", False), ("cuda", "amx_bf16", False)]
)
def test_only_a_processor_that_multiplies_bfloat16_is_given_it(monkeypatch, device, name, halved):
    torch = pytest.importorskip("torch", reason="the extra [bert] is not installed: make setup-bert")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {name: True}, raising=False)
    assert has_bfloat16(device) is halved


def test_an_older_pytorch_that_does_not_know_its_processor_computes_in_floats(monkeypatch):
    torch = pytest.importorskip("torch", reason="the extra [bert] is not installed: make setup-bert")
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not has_bfloat16("cpu")
