#!/bin/sh
# Upgrade what docker-compose.yml runs to this checkout. The old goes on until the databases are
# migrated; where a migration fails, this ends with its reason, and the old still runs. The image
# of before is kept as quotes-in-step:before, for the way back: see docs/operating.md.
set -eu
cd "$(dirname "$0")/.."
docker image tag quotes-in-step quotes-in-step:before
docker compose build
for service in quotes likes; do
    docker compose run --rm --no-deps "$service-setup"
done
docker compose up --detach --wait
