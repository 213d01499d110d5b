#!/bin/sh
# Puts GraphiQL's browser files where the gateway serves them, from the npm packages that
# package-lock.json pins. Does nothing if they are there already, in those versions.
set -eu
cd "$(dirname "$0")"

vendor=static/vendor
stamp=$vendor/package-lock.json
if cmp -s package-lock.json "$stamp"; then
    exit 0
fi
if ! command -v npm >/dev/null 2>&1; then
    echo "GraphiQL needs npm to be installed: install Node.js, then run: sh gateway/install_graphiql.sh" >&2
    exit 1
fi

npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
rm -rf "$vendor"
mkdir -p "$vendor"
cp node_modules/react/umd/react.production.min.js "$vendor/"
cp node_modules/react-dom/umd/react-dom.production.min.js "$vendor/"
cp node_modules/graphiql/graphiql.min.js node_modules/graphiql/graphiql.min.css "$vendor/"
gzip -9 -k -n "$vendor"/* # the gateway sends these to browsers that take them, a third of the size
cp package-lock.json "$stamp" # last: it says that all the others are there
