"""What is declared is what the promises rest on: RabbitMQ refuses to declare it otherwise."""

from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from messaging.brokers.interface import Topology

EVERY_QUEUE = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}


def dead_lettered_to(queue: str) -> dict[str, Any]:
    """Return the arguments that have what leaves a queue go to one other, and arrive there."""
    return {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
    }


def test_the_exchange_is_durable_and_by_topic(channel: BlockingChannel, topology: Topology) -> None:
    channel.exchange_declare(topology.exchange, "topic", durable=True)


def test_a_service_reads_a_quorum_queue_one_consumer_at_a_time_with_a_delivery_limit(
    channel: BlockingChannel, topology: Topology
) -> None:
    arguments = {
        **EVERY_QUEUE,
        **dead_lettered_to(topology.dead_letter_queue),
        "x-single-active-consumer": True,
        "x-delivery-limit": topology.delivery_limit,
    }
    channel.queue_declare(topology.queue, durable=True, arguments=arguments)


def test_retries_wait_in_quorum_queues_that_lead_to_that_queue_alone(
    channel: BlockingChannel, topology: Topology
) -> None:
    for delay in topology.retry_delays:
        arguments = {
            **EVERY_QUEUE,
            **dead_lettered_to(topology.queue),
            "x-message-ttl": round(delay.total_seconds() * 1000),
        }
        channel.queue_declare(topology.retry_queue(delay), durable=True, arguments=arguments)


def test_what_reached_the_limit_waits_in_a_quorum_queue(
    channel: BlockingChannel, topology: Topology
) -> None:
    channel.queue_declare(topology.dead_letter_queue, durable=True, arguments=EVERY_QUEUE)
