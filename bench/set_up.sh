#!/bin/sh
# Installs what generates the load and what the peers on Node run on.
set -eu
missing=
command -v wrk >/dev/null || missing="$missing wrk"
command -v npm >/dev/null || missing="$missing npm"
if [ -n "$missing" ]; then
    echo "Installing$missing …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of names
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
