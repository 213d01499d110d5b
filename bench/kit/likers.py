"""Likes given through the domain of Likes, each in its transaction: run with its settings.

Given a rate, so many a second, whatever they cost; else one right after another. Given `plain`, a
like is its row and its event, with none of the rules of Likes.
"""

import os
import sys
import time
from collections.abc import Callable

import django
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from bench.kit.stack import QUOTES
from bench.peers.control import serve


def main() -> None:
    """Serve the benchmark."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "likes_service.settings")
    django.setup()
    plain = sys.argv[1:] == ["plain"]
    rate = float(sys.argv[1]) if len(sys.argv) > 1 and not plain else 0
    like_quote = _plain() if plain else import_string("likes_service.domain.like_quote")
    given = 10**9 if plain else 0  # both kinds may be at work on one database

    def like(count: int) -> None:
        nonlocal given
        started = time.perf_counter()
        for number in range(count):
            if rate:
                time.sleep(max(0.0, started + number / rate - time.perf_counter()))
            given += 1
            like_quote(user_id=given, quote_id=1 + given % QUOTES)

    serve(like)


def _plain() -> Callable[..., None]:
    # By their names: whoever checks the types here has no settings of Likes.
    model = import_string("likes_service.models.Like")
    event = import_string("likes_service.events.LikeCreated")
    publish = import_string("messaging.outbox.publish")

    def like(*, user_id: int, quote_id: int) -> None:
        now = timezone.now()
        with transaction.atomic():
            model.objects.create(user_id=user_id, quote_id=quote_id, created_at=now)
            publish(event(quote_id=quote_id, user_id=user_id, created_at=now.isoformat()))

    return like


if __name__ == "__main__":
    main()
