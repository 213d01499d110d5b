"""Which broker `make run` takes."""

from pathlib import Path

import pytest

from tools import brokers
from tools.ports import free_port
from tools.servers import PrivateRabbitMQ


@pytest.fixture(autouse=True)
def nothing_at_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "LOCAL", f"amqp://guest:guest@127.0.0.1:{free_port()}/")


@pytest.mark.parametrize("url", ["amqp://a:b@broker/", "sqlite:////tmp/broker.sqlite3"])
def test_the_one_that_is_set_is_taken(url: str, tmp_path: Path) -> None:
    choice = brokers.choose({"BROKER_URL": url}, tmp_path)
    assert (choice.url, choice.node) == (url, None)


def test_else_the_one_that_answers_at_localhost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PrivateRabbitMQ() as rabbitmq:
        monkeypatch.setattr(brokers, "LOCAL", rabbitmq.url)
        choice = brokers.choose({}, tmp_path)
        assert (choice.url, choice.node) == (rabbitmq.url, None)
        assert not brokers.answers(rabbitmq.url.replace("guest:guest", "guest:wrong"))


def test_else_a_node_of_our_own_that_keeps_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "installed", lambda: True)
    choice = brokers.choose({}, tmp_path)
    assert choice.node is not None
    assert choice.node.folder == tmp_path / "rabbitmq"
    assert choice.url == choice.node.url


def test_else_the_embedded_one_and_how_to_get_another_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "installed", lambda: False)
    choice = brokers.choose({}, tmp_path)
    assert (choice.url, choice.node) == (f"sqlite:///{tmp_path / 'broker.sqlite3'}", None)
    assert "rabbitmq-server" in choice.other
