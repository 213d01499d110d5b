"""No process imports what it doesn't use: each has to be started, and kept in memory."""

import pytest

from tests.programs import run_python

COMMAND = """
import sys, django; django.setup()
from django.core.management import call_command
try:
    call_command({command!r}, "--help")
except SystemExit:
    pass
"""
WEB = {"ninja", "pydantic", "jwt", "requests", "limits", "unittest"}
BROKER = {"pika"}


def imported(settings: str, code: str) -> set[str]:
    code += "\nimport sys; print('\\n', *sys.modules)"
    result = run_python("-c", code, DJANGO_SETTINGS_MODULE=settings)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", ["relay", "consume"])
@pytest.mark.parametrize("service", ["quotes_service", "likes_service"])
def test_a_process_of_messaging_imports_nothing_of_the_web_side(service: str, command: str) -> None:
    modules = imported(f"{service}.settings", COMMAND.format(command=command))
    assert "messaging" in modules
    assert not modules & (WEB | {f"{service}.urls", f"{service}.admin"})


@pytest.mark.parametrize("name", ["quotes_service", "likes_service", "gateway"])
def test_a_web_process_imports_no_client_of_the_broker(name: str) -> None:
    modules = imported(f"{name}.settings", f"import {name}.wsgi, {name}.urls")
    assert f"{name}.urls" in modules
    assert not modules & BROKER
