"""Dead letters are shown in the admin, and replayed and discarded by who may."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from quotes_service.models import User
from tests.dead_letter_admin import LETTERS, is_done_when_confirmed, letter, needs_the_right

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_a_dead_letter_is_shown_and_can_not_be_changed_or_deleted(admin: Client) -> None:
    parked = letter()
    assert "ValueError: no" in admin.get(LETTERS).content.decode()
    page = admin.get(f"{LETTERS}{parked.pk}/change/")
    assert "{&quot;quote_id&quot;: 1}\\xff" in page.content.decode()
    assert admin.post(f"{LETTERS}{parked.pk}/change/").status_code == 403
    assert admin.post(f"{LETTERS}{parked.pk}/delete/").status_code == 403


def test_a_replay_is_asked_for_when_that_is_confirmed(admin: Client) -> None:
    is_done_when_confirmed(admin, "replay_chosen", "requested", "will be replayed")


def test_a_dead_letter_is_discarded_when_that_is_confirmed(admin: Client) -> None:
    is_done_when_confirmed(admin, "discard_chosen", "discarded", "discarded")


def test_staff_without_the_right_neither_replay_nor_discard() -> None:
    staff = User.objects.create(username="staff", is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(staff)
    needs_the_right(client)
