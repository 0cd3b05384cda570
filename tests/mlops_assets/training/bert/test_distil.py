"""What half of a network is, and what it is taught."""

from itertools import count

import numpy as np
import pytest

from mlops_assets.training.bert.distil import half_of, layers_kept, lessons
from mlops_assets.training.bert.fine_tune import Sample, fine_tune, outputs, vectors_and_answers
from mlops_assets.training.bert.network import build_network, load_pretrained
from mlops_assets.training.bert.tokens import open_tokenizer, tokenise
from mlops_assets.training.budget import Budget

TEXTS = [f"a {'good' if at % 2 else 'bad'} film {at} seen on a long evening" for at in range(90)]


@pytest.fixture(scope="module")
def taught(minilm):
    """An encoder with a fresh head for so many outputs, and a sample of TEXTS with this target."""

    def of(n_outputs, target):
        encoder, tokenizer = load_pretrained(str(minilm))
        tokens = tokenise(open_tokenizer(tokenizer, 16), TEXTS)
        network = build_network(encoder, n_outputs, 0, random_state=1)
        return network, Sample(tokens, np.zeros((len(TEXTS), 0), np.float32), target)

    return of


def endless():
    return Budget(1e9, lambda: 0.0)


@pytest.mark.parametrize("n_layers", range(1, 25))
def test_half_of_the_layers_are_kept_and_the_last_one_always(n_layers):
    kept = layers_kept(n_layers)
    assert kept == sorted(set(kept))
    assert len(kept) == max(1, n_layers // 2)
    assert kept[-1] == n_layers - 1
    assert kept[0] == 0 or len(kept) == 1


@pytest.mark.slow
def test_the_half_is_a_copy_with_the_same_head(taught):
    network, _ = taught(1, np.zeros(90, np.float32))
    half = half_of(network)
    assert [len(one.encoder.encoder.layer) for one in (network, half)] == [2, 1]
    assert half.head.weight.tolist() == network.head.weight.tolist()
    assert not any(one is other for one in half.parameters() for other in network.parameters())


@pytest.mark.slow
def test_an_encoder_of_another_build_has_no_half(taught):
    network, _ = taught(1, np.zeros(90, np.float32))
    network.encoder.encoder.layer = None
    assert half_of(network) is None


@pytest.mark.slow
def test_truth_and_teacher_count_alike_and_of_made_texts_the_teacher_alone(taught):
    truth = np.linspace(-1, 1, 90, dtype=np.float32)
    network, train = taught(1, truth)
    found = lessons(network, train, False, endless(), 7)
    said = outputs(network, Sample(found.tokens, np.zeros((180, 0), np.float32), found.target))[:, 0]
    assert found.tokens[:90] == train.tokens
    np.testing.assert_allclose(found.target[:90], (truth + said[:90]) / 2, atol=0.02)  # the teacher says it in bfloat16
    np.testing.assert_allclose(found.target[90:], said[90:], atol=0.02)
    assert found.vectors.shape == (180, 384)


@pytest.mark.slow
def test_classes_are_taught_as_probabilities(taught):
    codes = np.arange(90) % 3
    found = lessons(*taught(3, codes), True, endless(), 7)
    assert found.target.shape == (180, 3)
    np.testing.assert_allclose(found.target.sum(axis=1), 1, atol=1e-3)
    assert np.argmax(found.target[:90], axis=1).tolist() == codes.tolist()  # a fresh teacher knows nothing, truth does


@pytest.mark.slow
def test_made_texts_begin_and_end_as_texts_do_and_are_no_longer(taught):
    network, train = taught(1, np.zeros(90, np.float32))
    made = lessons(network, train, False, endless(), 7).tokens[90:]
    assert {(each[0], each[-1]) for each in made} == {(train.tokens[0][0], train.tokens[0][-1])}
    assert max(train.lengths) >= max(len(each) for each in made) > min(len(each) for each in made)
    assert not [each for each in made if each in train.tokens]


@pytest.mark.slow
def test_a_teacher_is_not_asked_longer_than_the_budget_allows(taught):
    ticks = count()
    budget = Budget(1.0, lambda: float(next(ticks)))  # a second a look at the clock: over after the first batch
    found = lessons(*taught(1, np.zeros(90, np.float32)), False, budget, 7)
    assert 0 < len(found.tokens) < 180
    assert len(found.tokens) == len(found.vectors) == len(found.target)


@pytest.mark.slow
def test_vectors_of_a_teacher_are_learnt(taught, settings):
    network, train = taught(1, np.zeros(90, np.float32))
    half, rows = half_of(network), lessons(network, train, False, endless(), 7)

    def gap():
        vectors = vectors_and_answers(half, rows, "cpu")[1].detach().numpy()
        return np.mean((vectors - rows.vectors) ** 2)

    half.eval()
    before = gap()
    fine_tune(half, rows, rows, "absolute", settings(epochs_max=2, patience=9), endless(), lambda line: None, 7)
    assert gap() < 0.3 * before  # 0.08; 0.63 where the teacher tells its outputs alone
