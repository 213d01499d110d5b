"""System checks: a misconfiguration is reported at start-up, with what to write instead."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from messaging.conf import configured_broker, messaging_settings


@register(Tags.compatibility)
def check_messaging_settings(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check that MESSAGING and BROKER_URL are usable."""
    try:
        messaging = messaging_settings()
    except (AttributeError, TypeError) as error:
        return [Error(f"MESSAGING is missing or wrong: {error}", id="messaging.E001")]
    found: list[CheckMessage] = []
    try:
        import_string(messaging.handlers)
    except ImportError as error:
        found.append(
            Error(
                f"MESSAGING['HANDLERS'] can't be imported: {error}",
                hint="Set it to the dotted path of a dict from event type to function.",
                id="messaging.E002",
            )
        )
    if not messaging.schemas.is_dir():
        found.append(Error(f"There is no folder {messaging.schemas}.", id="messaging.E003"))
    try:
        configured_broker("check")
    except (AttributeError, ValueError) as error:
        found.append(Error(str(error), id="messaging.E004"))
    return found


@register(Tags.security, deploy=True)
def check_broker_for_production(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Warn of brokers that are not for production."""
    url = str(getattr(settings, "BROKER_URL", ""))
    if url.startswith("sqlite"):
        return [
            Warning(
                "BROKER_URL is the embedded broker, which serves one machine only.",
                hint="Set BROKER_URL to amqps://user:password@host/.",
                id="messaging.W001",
            )
        ]
    if "guest:guest@" in url:
        return [Warning("BROKER_URL uses RabbitMQ's guest account.", id="messaging.W002")]
    return []
