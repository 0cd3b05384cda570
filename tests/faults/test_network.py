"""Nothing is reported home: what the libraries would ask the network, they are told not to."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_assets import QUIET

WAITING_S = 8  # ONNX Runtime first looks its collector up within some six seconds of being loaded

SCORE = """
import time
{prepare}
import numpy as np, onnxruntime
from onnx import TensorProto, helper
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", ends[:1], ends[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
session.run(None, {{"x": np.ones(1, np.float32)}})
time.sleep({waiting})
"""


def asked(tmp_path: Path, prepare: str) -> list[str]:
    """Lines of strace about addresses beyond this machine, while a graph is loaded and scored."""
    trace = tmp_path / "trace"
    environment = {name: value for name, value in os.environ.items() if name not in {*QUIET, "CI"}}
    code = SCORE.format(prepare=prepare, waiting=WAITING_S)
    command = ["strace", "-f", "-qq", "-e", "trace=connect", "-o", str(trace), sys.executable, "-c", code]
    subprocess.run(command, env=environment, check=True, timeout=600)
    lines = trace.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "AF_INET" in line and "127.0.0.1" not in line]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_scoring_a_graph_asks_nobody(tmp_path: Path) -> None:
    try:
        with_guard = asked(tmp_path, "import mlops_assets")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"strace may not trace here: {error}")
    assert with_guard == []


def test_importing_any_room_turns_reports_off() -> None:
    code = "import os, mlops_assets.spec as s, mlops_assets as m; print(m.QUIET.items() <= dict(os.environ).items())"
    environment = {name: value for name, value in os.environ.items() if name not in QUIET}
    shown = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=600
    )
    assert shown.stdout.strip() == "True"


def test_a_variable_that_is_set_wins() -> None:
    code = "import os, mlops_assets; print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "false"}
    shown = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=600
    )
    assert shown.stdout.strip() == "false"
