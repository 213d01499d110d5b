"""Demo data comes into an empty database only, and never in production."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from messaging.models import OutboxEvent
from quotes_service.models import Quote, User
from tests.rest_api import Api

pytestmark = pytest.mark.django_db


def seed(**options: str) -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


def test_an_empty_database_gets_two_accounts_and_a_dozen_quotes_that_are_told(api: Api) -> None:
    seed(password="a demo password")
    assert Quote.objects.count() == OutboxEvent.objects.count() == 12
    demo, admin = User.objects.order_by("id")
    assert (demo.username, demo.is_staff) == ("demo", False)
    assert (admin.username, admin.is_staff, admin.is_superuser) == ("admin", True, True)
    for username in ("demo", "admin"):
        body = {"username": username, "password": "a demo password"}
        assert api("POST", "/tokens", body).status == 201


def test_a_second_time_nothing_is_changed() -> None:
    seed()
    assert "nothing was changed" in seed()
    assert (Quote.objects.count(), User.objects.count()) == (12, 2)


def test_a_database_with_anything_in_it_is_left_alone(ann: User) -> None:
    seed()
    assert (Quote.objects.count(), User.objects.count()) == (0, 1)


def test_it_refuses_in_production(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not in production"):
        seed()
    assert not User.objects.exists()
