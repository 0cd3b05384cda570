#!/usr/bin/env bash
# Prove the two commands of the README from a fresh clone and a fresh environment, with nothing of this checkout.
# Of the environment only what a machine sets for its package index and certificates stays.
set -euo pipefail
cd "$(dirname "$0")/.."
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
git clone --quiet . "$room/clone"
cd "$room/clone"
kept=()
while IFS='=' read -r name _; do
  case "$name" in PIP_* | UV_* | SSL_CERT_* | REQUESTS_CA_BUNDLE | *_proxy | *_PROXY) kept+=("$name=${!name}") ;; esac
done < <(env)
clean() { env -i HOME="$room" PATH="$PATH" LANG=C.UTF-8 TERM="${TERM:-dumb}" ${kept[@]+"${kept[@]}"} "$@"; }
clean make demo
clean make test
echo "clean-room: make demo and make test passed from a fresh clone"
