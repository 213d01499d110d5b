#!/bin/sh
# Write the hashed requirements of the peers named (all if none) anew from their requirements.in.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- */requirements.in
for peer in "$@"; do
    folder=${peer%/requirements.in}
    (cd "$folder" && ../../../.venv/bin/pip-compile --quiet --generate-hashes --allow-unsafe \
        --strip-extras --no-header --no-emit-index-url --no-emit-find-links \
        --no-emit-trusted-host --output-file requirements.txt requirements.in)
done
