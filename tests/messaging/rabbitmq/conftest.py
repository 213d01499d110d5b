"""RabbitMQ alone."""

from collections.abc import Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel


@pytest.fixture
def broker_url(rabbitmq_url: str) -> str:
    """RabbitMQ alone: what is tested here the embedded broker does not have."""
    return rabbitmq_url


@pytest.fixture
def channel(rabbitmq_url: str) -> Iterator[BlockingChannel]:
    """A channel that is none of ours."""
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        yield connection.channel()
