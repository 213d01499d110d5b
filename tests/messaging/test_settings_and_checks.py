"""Misconfiguration is reported at start-up, with what to write instead."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from pytest_django import Settings

from messaging.brokers import broker_for
from messaging.conf import messaging_settings
from tools.ports import free_port


def ids(**options: Any) -> list[str | None]:
    return [found.id for found in run_checks(**options) if str(found.id).startswith("messaging")]


def test_the_settings_of_the_tests_are_in_order() -> None:
    assert ids() == []


def test_a_name_that_does_not_exist_is_told(settings: Settings) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "PREFETCHH": 7}
    assert ids() == ["messaging.E001"]
    with pytest.raises(TypeError, match="prefetchh"):
        messaging_settings()


def test_missing_settings_are_told(settings: Settings) -> None:
    del settings.MESSAGING
    assert ids() == ["messaging.E001"]


def test_handlers_that_cannot_be_imported_are_told(settings: Settings) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "HANDLERS": "nowhere.HANDLERS"}
    assert ids() == ["messaging.E002"]


def test_a_folder_of_schemas_that_is_not_there_is_told(settings: Settings, tmp_path: Path) -> None:
    settings.MESSAGING = {**settings.MESSAGING, "SCHEMAS": tmp_path / "nowhere"}
    assert ids() == ["messaging.E003"]


def test_a_broker_of_another_kind_is_told(settings: Settings) -> None:
    settings.BROKER_URL = "redis://localhost"
    assert ids() == ["messaging.E004"]
    with pytest.raises(ValueError, match="amqp://"):
        broker_for("redis://localhost", "test")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("sqlite:////tmp/broker.sqlite3", ["messaging.W001"]),
        ("amqp://guest:guest@rabbitmq/", ["messaging.W002"]),
        ("amqps://quotes:secret@rabbitmq/", []),
    ],
)
def test_brokers_that_are_not_for_production_are_told_there(
    settings: Settings, url: str, found: list[str]
) -> None:
    settings.BROKER_URL = url
    assert ids(include_deployment_checks=True) == found


def test_setting_up_a_broker_that_is_not_there_fails_with_a_clear_message(
    settings: Settings,
) -> None:
    port = free_port()
    settings.BROKER_URL = f"amqp://guest:secret@127.0.0.1:{port}/"
    with pytest.raises(CommandError, match=f"127.0.0.1:{port}") as caught:
        call_command("setup_broker")
    assert "secret" not in str(caught.value)


def test_setting_up_the_broker_may_be_repeated(settings: Settings, tmp_path: Path) -> None:
    settings.BROKER_URL = f"sqlite:///{tmp_path / 'broker.sqlite3'}"
    call_command("setup_broker", verbosity=0)
    call_command("setup_broker", verbosity=0)
    assert broker_for(settings.BROKER_URL, "test").queue_state("ledger").ready == 0
