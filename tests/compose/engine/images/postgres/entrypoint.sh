# As root, take the folder of the data; then, as the server's account, make a new one if there is
# none, run the files of /docker-entrypoint-initdb.d, and become the server.
set -eu
if [ "$(id -u)" = 0 ]; then
    find "$PGDATA" ! -user postgres -exec chown postgres {} +
    chmod 700 "$PGDATA"
    exec gosu postgres sh "$0"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password
    initdb --username=postgres --pwfile=/tmp/password --auth-local=trust \
        --auth-host=scram-sha-256 --encoding=UTF8
    rm /tmp/password
    pg_ctl --options="-c listen_addresses=''" --wait start
    for file in /docker-entrypoint-initdb.d/*.sql; do
        psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --file="$file"
    done
    pg_ctl --mode=fast --wait stop
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
exec postgres -c listen_addresses='*'
