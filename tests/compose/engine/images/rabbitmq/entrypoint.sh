# As root, take the folder of the data; then become the server, as its account.
set -eu
find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq {} +
exec gosu rabbitmq rabbitmq-server
