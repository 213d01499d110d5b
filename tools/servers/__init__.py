"""Private servers, for tests and for `make run`: nothing outside their folder is touched."""

from tools.servers.pgbouncer import PrivatePgBouncer
from tools.servers.postgres import PrivatePostgres
from tools.servers.rabbitmq import PrivateRabbitMQ

__all__ = ["PrivatePgBouncer", "PrivatePostgres", "PrivateRabbitMQ"]
