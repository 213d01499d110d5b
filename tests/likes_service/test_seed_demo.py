"""The admin of Likes can be entered after `make run`, and by nobody's known password elsewhere."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def seed(**options: str) -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


def test_the_admin_enters_with_the_demo_password(settings: Settings) -> None:
    seed()
    client = Client()
    form = {"username": "admin", "password": settings.DEMO_PASSWORD}
    assert client.post("/admin/login/?next=/admin/", form).status_code == 302
    assert client.get("/admin/likes_service/like/").status_code == 200


def test_where_there_is_an_account_nothing_is_changed() -> None:
    seed(password="a demo password")
    before = User.objects.get().password
    assert "nothing was changed" in seed()
    assert User.objects.get().password == before


def test_it_refuses_in_production(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not in production"):
        seed()
    assert not User.objects.exists()
