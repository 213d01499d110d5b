#!/bin/sh
# Write the hashed requirements anew from pyproject.toml: run after a dependency has changed.
# With `--upgrade`, by the newest versions that it allows.
set -eu
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
        --extra gateway --extra service --extra run "$@" pyproject.toml
}
compile --extra dev "$@" --output-file requirements/dev.txt
compile --constraint requirements/dev.txt --output-file requirements/run.txt
