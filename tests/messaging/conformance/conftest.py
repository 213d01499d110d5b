"""Each backend, the simulated one among them, and how a process dies that holds messages of it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from messaging.brokers import Broker, broker_for
from messaging.brokers.interface import Topology
from tests.messaging.conftest import FAST
from tests.simulation.broker import SimulatedBroker
from tests.simulation.clocks import RealClock
from tests.simulation.mischief import NONE, Mischief

DYING = Path(__file__).with_name("dying_subscriber.py")
SIMULATED = "simulated"
# Has a process ack messages, hold more, and die by `kill -9`: topology, hold, ack.
DieHolding = Callable[[Topology, int, int], None]


@pytest.fixture(params=["embedded", "rabbitmq", SIMULATED] if FAST else ["rabbitmq"])
def broker_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each backend in turn: but RabbitMQ alone where pika is used as it comes."""
    if request.param == "embedded":
        return f"sqlite:///{tmp_path / 'broker.sqlite3'}"
    if request.param == SIMULATED:
        return SIMULATED
    url: str = request.getfixturevalue("rabbitmq_url")
    return url


@pytest.fixture
def broker(broker_url: str) -> Broker:
    """A broker of each backend."""
    if broker_url == SIMULATED:
        return SimulatedBroker(RealClock(), Mischief(1, NONE))
    return broker_for(broker_url, "test", fast=FAST)


@pytest.fixture
def die_holding(broker: Broker, broker_url: str) -> DieHolding:
    """Return what has a process hold messages and die."""

    def in_process(topology: Topology, hold: int, ack: int) -> None:
        assert isinstance(broker, SimulatedBroker)
        subscriber = broker.subscriber(topology.queue, 100)
        while ack:
            batch = subscriber.receive(ack, 0.5)
            subscriber.ack(batch)
            ack -= len(batch)
        while hold:
            hold -= len(subscriber.receive(hold, 0.5))
        subscriber.die()

    def in_another(topology: Topology, hold: int, ack: int) -> None:
        command = [sys.executable, str(DYING), broker_url, topology.queue, str(ack), str(hold)]
        subprocess.run(command, check=False, timeout=60)

    return in_process if broker_url == SIMULATED else in_another
