#!/bin/sh
# Installs what is missing, for `make run` (set_up.sh run) or `make test` (set_up.sh test). A
# second time it finds all in place and takes a moment.
set -eu
cd "$(dirname "$0")/.."
purpose=$1
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_get PACKAGE …: installs them, and starts none of the servers among them.
apt_get() (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
)

missing=
need() { # need PACKAGE COMMAND …: the package, unless one of the commands is there
    package=$1
    shift
    for command in "$@"; do
        if [ -x "$command" ] || command -v "$command" >/dev/null; then return; fi
    done
    missing="$missing $package"
}

python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
if [ "$purpose" = test ]; then
    need rabbitmq-server rabbitmq-server /usr/sbin/rabbitmq-server
    need postgresql postgres /usr/lib/postgresql/*/bin/postgres
    need redis-server redis-server
    need faketime faketime
    need nginx-light nginx /usr/sbin/nginx
    need chromium chromium chromium-browser google-chrome
fi
need npm npm
if [ -n "$missing" ]; then
    if may_install; then
        echo "Installing$missing …"
        # shellcheck disable=SC2086 # a list of names
        apt_get $missing
    elif [ "$missing" != " npm" ] || [ "$purpose" = test ]; then
        echo "These Debian packages are missing:$missing. Install them (as root: apt-get install$missing)." >&2
        exit 1
    fi
fi

(
    if command -v npm >/dev/null; then
        sh gateway/install_graphiql.sh || echo "GraphiQL could not be installed: all else works." >&2
    else
        echo "npm is missing, so there will be no GraphiQL at /graphql: all else works." >&2
    fi
) &
graphiql=$!

requirements=requirements/run.txt
[ "$purpose" = test ] && requirements=requirements/dev.txt
stamp=.venv/installed
wanted() { cat "$1" pyproject.toml; } # the latter says which folders are packages
if ! { wanted "$requirements" | cmp -s - "$stamp" || wanted requirements/dev.txt | cmp -s - "$stamp"; }; then
    [ -x .venv/bin/python ] || python3 -m venv .venv
    echo "Installing the Python packages …"
    .venv/bin/pip install --quiet --require-hashes --requirement "$requirements"
    .venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
    wanted "$requirements" >"$stamp" # last: it says that all is there
fi
wait "$graphiql"
