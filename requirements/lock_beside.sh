#!/bin/sh
# Write requirements.txt, with hashes, anew from the requirements.in beside it, for each that is
# named (all if none): what runs in environments of its own. With UPGRADE=1, by newer versions.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- bench/peers/*/requirements.in tests/system/fuzzing/requirements.in \
    tests/system/gateway/python/requirements.in
for source in "$@"; do
    (cd "$(dirname "$source")" && "$OLDPWD/.venv/bin/pip-compile" --quiet ${UPGRADE:+--upgrade} \
        --generate-hashes \
        --allow-unsafe --strip-extras --no-header --no-emit-index-url --no-emit-find-links \
        --no-emit-trusted-host --output-file requirements.txt requirements.in)
done
