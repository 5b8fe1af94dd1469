#!/usr/bin/env bash
# Rewrites tools/dev/locks/*.txt from pyproject.toml: exact versions with hashes, no addresses.
# Keeps the versions already locked; `make locks ARGS=--upgrade` takes the newest.
set -euo pipefail
cd "$(dirname "$0")/../.."

uv=${UV:-.venv/bin/uv}
locks=tools/dev/locks

compile() { # NAME [argument …]: writes NAME.txt
    local name=$1
    shift
    echo "locking $name"
    "$uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make locks" \
        "$@" --output-file "$locks/$name.txt"
}

compile dev "$@" --extra dev pyproject.toml "$locks/build.in"
# The smaller sets hold the same versions as the whole one.
compile demo --constraints "$locks/dev.txt" --extra sim pyproject.toml "$locks/build.in"
compile gateway --constraints "$locks/dev.txt" --extra gateway --extra test pyproject.toml "$locks/build.in"
compile uv "$@" "$locks/uv.in"
compile node "$@" "$locks/node.in"
compile stubs "$@" "$locks/stubs.in"
