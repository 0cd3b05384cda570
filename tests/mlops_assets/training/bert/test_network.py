"""What cannot be loaded is said in a sentence."""

import sys

import pytest

from mlops_assets.training.bert.network import MissingExtraError, PretrainedError, load_pretrained, require_extra


def test_without_the_extra_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        MissingExtraError, match=r"torch is not installed.*make setup-bert.*pip install 'mlops-assets\[be"
    ):
        require_extra()


@pytest.mark.slow
def test_a_folder_that_is_not_there_is_named(minilm):
    with pytest.raises(PretrainedError, match=r"training.bert.model: there is no folder '/no/such/place'"):
        load_pretrained("/no/such/place")


@pytest.mark.slow
def test_a_model_of_the_hub_without_a_network_asks_for_a_folder(minilm, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(PretrainedError, match=r"'nobody/none' is not in this machine's cache.*name a local folder"):
        load_pretrained("nobody/none")


@pytest.mark.slow
def test_pickled_weights_are_not_read(minilm, tmp_path):
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((minilm / name).read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle")
    with pytest.raises(PretrainedError, match=r"model\.safetensors are due"):
        load_pretrained(str(tmp_path))
