"""Likes given one after another: django-cqrs publishes each when its transaction commits."""

import django

django.setup()

from control import serve  # noqa: E402 - Django first
from django.utils import timezone  # noqa: E402
from likes.models import Like  # noqa: E402


def like(count):
    """Give so many likes."""
    for number in range(count):
        Like.objects.create(user_id=number, quote_id=1 + number % 1000, created_at=timezone.now())


serve(like)
