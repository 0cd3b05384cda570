"""The file is right, the model is not: it hangs, crashes, lies, or was written by other libraries."""

import json
import os
from functools import partial

import psutil
import pytest
from constant_models import SPOILED, reseal, spoil
from stages import NAME, ask, make_champion, refusals

from mlops_assets.bundle.manifest import MANIFEST
from serving.app import create_app
from serving.probe import Limits, probe

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("hangs", "did not answer its golden rows within 5 s"),
        ("crashes", "was ended by SIGFPE while it answered its golden rows"),
        ("nan", "NaN or infinity among the answers"),
        ("length", "40 answers to 20 rows"),
        ("type", "could not convert string to float"),
        ("3 GB", "Failed to allocate memory for requested buffer of size 3000000000"),
        ("foreign", "written by scikit-learn 9.9.1, here is"),
    ],
)
def test_an_unfit_model_gets_no_traffic_and_its_reason_is_shown(served, stage, bundles, how, told):
    folder = stage.register(2, bundles[6])
    if how == "foreign":
        libraries = json.loads((folder / MANIFEST).read_bytes())["manifest"]["libraries"]
        reseal(folder, libraries=libraries | {"scikit-learn": "9.9.1"}, engine="skops")
    else:
        spoil(folder, how)
    limits = Limits(wall_s=5 if how == "hangs" else 600)
    object.__setattr__(served.models.copies, "probe", partial(probe, limits=limits))
    before = os.getpid()
    left = psutil.Process().children(recursive=True)
    make_champion(stage, 2, 1)
    served.models.refresh()
    assert ask(served) == [(1, 5)]
    client = create_app(served).test_client()
    shown = client.get("/readyz").json["use_cases"][0]["problems"]["champion"]
    assert shown.startswith("version 2 does not serve: ")
    assert told in shown
    assert told in refusals(stage)[0]
    assert shown == client.get("/config").json["use_cases"][0]["problems"]["champion"]
    assert "version 2 does not serve: " in client.get("/ab").text
    assert os.getpid() == before
    assert psutil.Process().children(recursive=True) == left
    assert set(SPOILED) == {"hangs", "crashes", "nan", "length", "type", "3 GB"}


def test_other_libraries_serve_only_when_a_person_named_the_version(stage, bundles):
    folder = stage.register(2, bundles[6])
    libraries = json.loads((folder / MANIFEST).read_bytes())["manifest"]["libraries"]
    reseal(folder, libraries=libraries | {"scikit-learn": "9.9.1"}, engine="skops")
    make_champion(stage, 2, 1)
    models = stage.models(accepted={(NAME, 2)})
    models.refresh()
    assert models.of(NAME).champion.version == 2
    assert models.of(NAME).problems["champion"] == (
        "version 2 is served although other versions of the libraries wrote it: MLOPS_ACCEPT_LIBRARIES names it"
    )
    assert models.of(NAME).degraded
