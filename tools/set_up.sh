#!/bin/sh
# Install what is missing, for `make run` (set_up.sh run) or `make test` (set_up.sh test). A
# second time it finds all in place and takes a moment.
set -eu
cd "$(dirname "$0")/.."
purpose=$1
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
case $python in
3.[0-9] | 3.10)
    echo "Python 3.11 or later is needed, and python3 is $python here." >&2
    exit 1
    ;;
esac
[ "$purpose" = test ] || python3 -m tools.ports # before a minute goes by

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

has_ensurepip() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

# Whoever may not install python3-venv still gets an environment: pip from Debian's package of it,
# which anybody may fetch.
make_environment() (
    if has_ensurepip; then
        python3 -m venv --clear .venv
        return
    fi
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    mkdir -p "$folder/lists/partial" "$folder/archives/partial"
    fetch="apt-get -qq -o Dir::State=$folder -o Dir::Cache=$folder -o Dir::State::status=/var/lib/dpkg/status"
    $fetch update
    (cd "$folder" && $fetch download python3-pip-whl && dpkg-deb --extract python3-pip-whl_*.deb .)
    python3 -m venv --without-pip --clear .venv
    wheel=$(echo "$folder"/usr/share/python-wheels/pip-*.whl)
    .venv/bin/python "$wheel/pip" install --quiet --no-index "$wheel"
)

missing=
need() { # need PACKAGE PLACE …: the package, unless one of these files or commands is there
    package=$1
    shift
    for command in "$@"; do
        if [ -e "$command" ] || command -v "$command" >/dev/null; then return; fi
    done
    missing="$missing $package"
}

has_ensurepip || missing="$missing python3-venv"
if [ "$purpose" = test ]; then
    need rabbitmq-server rabbitmq-server /usr/sbin/rabbitmq-server
    need postgresql postgres /usr/lib/postgresql/*/bin/postgres
    need pgbouncer pgbouncer /usr/sbin/pgbouncer
    need redis-server redis-server
    need faketime faketime
    need prometheus promtool prometheus
    need nginx-light nginx /usr/sbin/nginx
    need libatomic1 /usr/lib/*/libatomic.so.1 # of the Node that comes with the browser's driver
    need npm npm
    need chromium chromium chromium-browser google-chrome
fi
if [ -n "$missing" ]; then
    if may_install; then
        echo "Installing$missing …"
        # shellcheck disable=SC2086 # a list of names
        apt_get $missing
    elif [ "$missing" != " python3-venv" ] || ! command -v apt-get >/dev/null; then
        echo "These Debian packages are missing:$missing. Install them (as root: apt-get install$missing)." >&2
        exit 1
    fi
fi

requirements=requirements/run.txt
[ "$purpose" = test ] && requirements=requirements/dev.txt
stamp=.venv/installed
# pyproject.toml says which packages are ours; an upgrade changes the Python, a move the folder.
made_with="# Python $python in $PWD"
wanted() { cat "$1" pyproject.toml && echo "$made_with"; }
works() { [ "$(tail -n 1 "$stamp" 2>/dev/null)" = "$made_with" ] && .venv/bin/python -c ''; }
holds() { wanted "$1" | cmp -s - "$stamp"; }
if ! works || ! { holds "$requirements" || holds requirements/dev.txt; }; then
    works || make_environment
    echo "Installing the Python packages …"
    .venv/bin/pip install --quiet --require-hashes --requirement "$requirements"
    .venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
    wanted "$requirements" >"$stamp" # last: it says that all is there
fi
