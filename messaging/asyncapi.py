"""The AsyncAPI document of a service: what it sends and receives, made from the code that does it.

What it sends are the subclasses of Payload, which stand in the module `events` of its apps or are
imported with them; what it receives are its handlers; where both go is its topology. What an
event's data is, its JSON Schema says (https://www.asyncapi.com/docs/reference/specification/v3.0.0).
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from django.apps import apps
from django.utils.module_loading import autodiscover_modules, import_string

from messaging.brokers.interface import Log, Topology
from messaging.conf import MessagingSettings, messaging_settings
from messaging.destinations import is_exchanged, is_logged
from messaging.events import JSON, PREFIX, TYPE_HEADER, Payload
from messaging.schemas import schema_address

Document = dict[str, Any]
_BINDING = "0.3.0"  # of https://www.asyncapi.com/docs/reference/bindings/amqp
_EXCHANGE = "exchange"  # a channel's name where it is not a queue's

# The attributes of each event, as headers: see `events.py`.
_ATTRIBUTES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "specversion": ("Of CloudEvents.", {"const": "1.0"}),
    "id": ("The same each time that the event is delivered: by it, it is handled once.", {}),
    "source": ("The service that it happened in.", {"examples": ["/quotes"]}),
    "type": ("What happened; the routing key, too.", {}),
    "time": ("When it happened.", {"format": "date-time"}),
    "subject": ("What it happened to: events about one thing are in order.", {}),
    "sequence": (
        "Its place in the outbox of its source: of two events about one subject, the later has"
        " the larger.",
        {"pattern": "^[0-9]+$"},
    ),
    "dataschema": ("The name of the data's schema.", {"pattern": "^urn:schema:"}),
    "traceparent": ("The trace that it belongs to, by W3C Trace Context.", {}),
}
_OPTIONAL = {"dataschema", "traceparent"}


def document() -> Document:
    """Return the document of the service whose settings are Django's."""
    messaging = messaging_settings()
    sent, received = sent_types(), sorted(import_string(messaging.handlers))
    logged = [name for name in sent if is_logged(name, messaging)]
    exchanged = [name for name in sent if is_exchanged(name, messaging)]
    channels = {
        _EXCHANGE: _exchange_channel(messaging.topology, exchanged),
        messaging.queue: _queue_channel(messaging.topology, received),
    }
    operations = {
        "publish": _sending(_EXCHANGE, exchanged, "Into the exchange."),
        "handle": _receiving(messaging.queue, received),
    }
    if messaging.topology.log is not None:
        channels[messaging.log] = _log_channel(messaging.topology.log, logged)
        operations["log"] = _sending(
            messaging.log, logged, "Into the log, by the default exchange."
        )
    return {
        "asyncapi": "3.0.0",
        "info": _info(messaging),
        "defaultContentType": JSON,
        "channels": {name: channel for name, channel in channels.items() if channel["messages"]},
        "operations": {
            name: operation for name, operation in operations.items() if operation["messages"]
        },
        "components": {
            "messages": {
                name: _message(name, messaging, sent.get(name, "")) for name in [*sent, *received]
            },
            "schemas": {"CloudEvent": _headers()},
        },
    }


def sent_types() -> dict[str, str]:
    """Return the types of event that this service's apps publish, each with what its class says."""
    autodiscover_modules("events")
    return {
        payload.type: inspect.getdoc(payload) or ""
        for payload in sorted(_subclasses(Payload), key=lambda each: each.__name__)
        if "type" in vars(payload) and apps.get_containing_app_config(payload.__module__)
    }


def _subclasses(payload: type[Payload]) -> Iterable[type[Payload]]:
    for subclass in payload.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _info(messaging: MessagingSettings) -> Document:
    return {
        "title": f"Events of {messaging.source}",
        "version": "1",
        "description": (
            "CloudEvents 1.0 in binary mode over AMQP 0-9-1: attributes are headers, data is a JSON"
            " body. Each event is delivered at least once, and handled once by its id and source."
            " A type's data may gain members, which readers ignore; a member that is needed anew"
            " makes a new type."
        ),
    }


def _exchange_channel(topology: Topology, types: Sequence[str]) -> Document:
    return {
        "title": f"Exchange {topology.exchange}",
        "address": "{type}",  # the routing key
        "parameters": {
            "type": {
                "description": "The routing key is the type.",
                "location": f"$message.header#/{TYPE_HEADER}",
            }
        },
        "description": "The routing key of each message is its type.",
        "messages": _references(types),
        "bindings": _amqp(
            **{
                "is": "routingKey",
                "exchange": {
                    "name": topology.exchange,
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                },
            }
        ),
    }


def _queue_channel(topology: Topology, types: Sequence[str]) -> Document:
    delays = ", ".join(_spoken(delay) for delay in topology.retry_delays)
    patterns = " and ".join(f"`{pattern}`" for pattern in topology.bindings)
    return {
        "title": f"Queue {topology.queue}",
        "address": topology.queue,
        "description": (
            f"A quorum queue, bound to `{topology.exchange}` by {patterns}. What fails is tried"
            f" again after {delays}, then parked with its error. So is what reaches the delivery"
            f" limit of {topology.delivery_limit}, by way of `{topology.dead_letter_queue}`."
        ),
        "messages": _references(types),
        "bindings": _queue(topology.queue),
    }


def _log_channel(log: Log, types: Sequence[str]) -> Document:
    return {
        "title": f"Log {log.name}",
        "address": log.name,
        "description": (
            "A stream, which any number of readers read from any place. It keeps what is younger"
            f" than {_spoken(log.max_age)}, and {log.max_bytes} bytes at most."
        ),
        "messages": _references(types),
        "bindings": _queue(log.name),
    }


def _sending(channel: str, types: Sequence[str], summary: str) -> Document:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": _messages_of(channel, types),
        "bindings": _amqp(deliveryMode=2, mandatory=True),
    }


def _receiving(queue: str, types: Sequence[str]) -> Document:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{queue}"},
        "summary": "Handled in one transaction a batch, and acked after its commit.",
        "messages": _messages_of(queue, types),
        "bindings": _amqp(ack=True),
    }


def _message(name: str, messaging: MessagingSettings, words: str) -> Document:
    file = messaging.schemas / f"{name}.json"
    schema: Document = orjson.loads(file.read_bytes()) if file.is_file() else {"type": "object"}
    # A schema within a document has the document's dialect and no name of its own.
    payload = {key: value for key, value in schema.items() if not key.startswith("$")}
    return {
        "name": name,
        "title": payload.pop("title", name),
        "description": payload.pop("description", words),
        "headers": {"$ref": "#/components/schemas/CloudEvent"},
        "payload": payload,
        "bindings": _amqp(messageType=name),
        "x-dataschema": schema_address(name),
    }


def _headers() -> Document:
    return {
        "type": "object",
        "required": [f"{PREFIX}{name}" for name in _ATTRIBUTES if name not in _OPTIONAL],
        "properties": {
            f"{PREFIX}{name}": {"type": "string", "description": words, **more}
            for name, (words, more) in _ATTRIBUTES.items()
        },
    }


def _references(types: Iterable[str]) -> Document:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in types}


def _messages_of(channel: str, types: Iterable[str]) -> list[Document]:
    return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in types]


def _queue(name: str) -> Document:
    queue = {"name": name, "durable": True, "exclusive": False, "autoDelete": False}
    return _amqp(**{"is": "queue", "queue": queue})


def _amqp(**values: Any) -> Document:
    return {"amqp": {**values, "bindingVersion": _BINDING}}


def _spoken(time: timedelta) -> str:
    """Return a time as its largest whole unit: `5 min`."""
    seconds = time.total_seconds()
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:g} s"
