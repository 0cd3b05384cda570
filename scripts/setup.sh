#!/usr/bin/env bash
# Make .venv hold exactly what requirements.lock names, plus this project. Does nothing when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/.."
stamp=.venv/.ready
wanted=$(cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0

python=${PYTHON:-$(command -v python3.11 || true)}
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
  echo "setup: Python 3.11 is needed; install it or name it: make PYTHON=/path/to/python3.11" >&2
  exit 2
fi
with_uv() {
  uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock &&
    uv pip install --quiet --python .venv/bin/python --no-deps --editable .
}
with_pip() {
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock &&
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
}
echo "setup: installing the locked packages into .venv (a few minutes the first time)"
[ -x .venv/bin/python ] || "$python" -m venv .venv
if ! command -v uv >/dev/null 2>&1; then
  with_pip
elif ! with_uv; then
  echo "setup: uv could not install them, see above; pip does it, which knows the indexes of pip's own configuration" >&2
  with_pip
fi
echo "$wanted" > "$stamp"
