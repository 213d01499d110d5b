"""Likes that are in the database already, published by django-cqrs's command `cqrs_sync`."""

import json

import django

django.setup()

from control import serve  # noqa: E402 - Django first
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from likes.models import Like  # noqa: E402


def sync(count):
    """Publish so many likes; the first time, have them made."""
    missing = count - Like.objects.count()
    now = timezone.now()
    Like.objects.bulk_create(
        Like(user_id=number, quote_id=1, created_at=now) for number in range(missing)
    )
    ids = Like.objects.order_by("id").values_list("id", flat=True)[:count]
    call_command("cqrs_sync", cqrs_id="like", filter=json.dumps({"id__lte": ids[count - 1]}))


serve(sync)
