#!/bin/sh
# `make graphiql`: copy GraphiQL's browser files into gateway/static/vendor, from the npm packages
# that package-lock.json pins, with the licences of all that is built into them. The copies are
# committed, so that nobody else needs npm; tests/tools/test_graphiql_files.py holds them equal.
set -eu
cd "$(dirname "$0")"
vendor=${1:-../../gateway/static/vendor}

npm ci --ignore-scripts --loglevel=error
rm -rf "$vendor"
mkdir -p "$vendor"
cp node_modules/react/umd/react.production.min.js "$vendor/"
cp node_modules/react-dom/umd/react-dom.production.min.js "$vendor/"
cp node_modules/graphiql/graphiql.min.js node_modules/graphiql/graphiql.min.css "$vendor/"
node licences.js >"$vendor/LICENCES.txt"
