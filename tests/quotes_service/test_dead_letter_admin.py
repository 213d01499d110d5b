"""Dead letters are shown in the admin, to look at."""

import pytest
from django.test import Client
from django.utils import timezone

from messaging.models import DeadLetter
from quotes_service.models import User


@pytest.mark.django_db
def test_a_dead_letter_is_shown_and_can_not_be_changed_or_deleted() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.com", "a password 7"))
    letter = DeadLetter.objects.create(
        identity="/likes#1",
        type="likes.like.created",
        reason="failed",
        body=b'{"quote_id": 1}\xff',
        headers={},
        error="ValueError: no",
        attempts=4,
        parked_at=timezone.now(),
    )
    listing = client.get("/admin/messaging/deadletter/")
    assert "ValueError: no" in listing.content.decode()
    page = client.get(f"/admin/messaging/deadletter/{letter.pk}/change/")
    assert "{&quot;quote_id&quot;: 1}\\xff" in page.content.decode()
    assert client.post(f"/admin/messaging/deadletter/{letter.pk}/change/").status_code == 403
    assert client.post(f"/admin/messaging/deadletter/{letter.pk}/delete/").status_code == 403
