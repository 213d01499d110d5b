#!/bin/sh
# Bring all dependencies up to date, within what pyproject.toml and the others' files allow.
set -eu
cd "$(dirname "$0")/.."
sh requirements/compile.sh --upgrade
UPGRADE=1 sh requirements/lock_beside.sh
git ls-files '*package-lock.json' | while read -r lock; do
    (cd "$(dirname "$lock")" && npm update --package-lock-only --ignore-scripts --loglevel=error)
done
echo "Now run make test, and read what has changed: git diff"
