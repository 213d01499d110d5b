"""The private names of pika that are used: pyproject.toml pins the version that has them."""

import re
from pathlib import Path
from typing import Any

import pika
import pytest
from pika.adapters.base_connection import BaseConnection, _StreamingProtocolShim
from pika.adapters.utils.io_services_utils import (
    _AsyncPlaintextTransport,
    _AsyncTransportBase,
)
from pika.channel import Channel
from pika.connection import Connection

import messaging.brokers.rabbitmq
from messaging.brokers.rabbitmq.fast import FastConnection
from messaging.brokers.rabbitmq.tolerant import TolerantConnection

WORD = re.compile(r"\b(_[a-zA-Z]\w*)")
OF_OTHERS = re.compile(r"(?:(?<!self)\.|\")(_[a-zA-Z]\w*)")
OF_ITSELF = re.compile(r"(?:self\.|def )(_[a-zA-Z]\w*)")

# What is overridden, where, and who of pika calls it.
OVERRIDDEN = [
    ("_read_frame", TolerantConnection, Connection._on_data_available),
    ("_on_data_available", FastConnection, BaseConnection._proto_data_received),
    ("_proto_connection_made", FastConnection, _StreamingProtocolShim.__init__),
    ("_output_marshaled_frames", FastConnection, Connection._send_message),
]
# What is set for pika to read.
SET = [
    ("_MAX_RECV_BYTES", _AsyncTransportBase._consume),
    ("_MAX_CONSUME_BYTES", _AsyncTransportBase._consume),
    ("_frame_buffer", Connection._trim_frame_buffer),
]
# What is called or read, and of what it is a method, or by whom of pika it is set.
CALLED = [
    ("_on_deliver", Channel),
    ("_process_frame", Connection),
    ("_trim_frame_buffer", Connection),
    ("_close_and_finalize", _AsyncPlaintextTransport),
]
READ = [
    ("_channels", Connection.__init__),
    ("_transport", BaseConnection._proto_connection_made),
    ("_sock", _AsyncTransportBase.__init__),
]


@pytest.mark.parametrize(("name", "ours", "caller"), OVERRIDDEN)
def test_what_is_overridden_is_what_pika_calls(name: str, ours: type, caller: Any) -> None:
    assert name in vars(ours)
    assert name in caller.__code__.co_names


@pytest.mark.parametrize(("name", "reader"), SET)
def test_what_is_set_is_what_pika_reads_by(name: str, reader: Any) -> None:
    assert name in reader.__code__.co_names


@pytest.mark.parametrize(("name", "theirs"), CALLED)
def test_what_is_called_is_a_method_of_pika(name: str, theirs: type) -> None:
    assert callable(getattr(theirs, name))


@pytest.mark.parametrize(("name", "setter"), READ)
def test_what_is_read_is_what_pika_sets(name: str, setter: Any) -> None:
    assert name in setter.__code__.co_names


def test_no_other_private_name_of_pika_is_used() -> None:
    listed = {name for name, *_ in (*OVERRIDDEN, *SET, *CALLED, *READ)}
    ours, theirs = (Path(package.__path__[0]) for package in (messaging.brokers.rabbitmq, pika))
    of_pika = {name for file in theirs.rglob("*.py") for name in WORD.findall(file.read_text())}
    used = {name for file in ours.rglob("*.py") for name in OF_OTHERS.findall(file.read_text())}
    for file in (ours / "tolerant.py", ours / "fast/connection.py"):  # subclasses of pika's
        used |= set(OF_ITSELF.findall(file.read_text()))
    assert used & of_pika == listed
