"""The use cases, the rooms that work on them, the graph that joins the rooms, and the commands.

Libraries that report home are told not to, here, because the first import of any room comes before theirs; a variable
that is set already wins. ONNX Runtime reads its own when its library is loaded, so that a later call comes too late.
"""

import os

QUIET = {
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "ORT_DISABLE_TELEMETRY": "1",
    "PYCARET_CUSTOM_LOGGING_PATH": os.devnull,  # else importing it leaves logs.log in the working folder
}
for _name, _value in QUIET.items():
    os.environ.setdefault(_name, _value)
