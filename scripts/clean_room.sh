#!/usr/bin/env bash
# Prove the two commands of the README from a fresh clone and a fresh environment, with nothing of this checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
git clone --quiet . "$room/clone"
cd "$room/clone"
clean() { env -i HOME="$room" PATH="$PATH" LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"; }
clean make demo
clean make test
echo "clean-room: make demo and make test passed from a fresh clone"
