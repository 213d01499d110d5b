"""Likes given through the domain of Likes, each in its transaction: run with its settings.

Given a rate, so many a second, whatever they cost; else one right after another.
"""

import os
import sys
import time

import django
from django.utils.module_loading import import_string

from bench.peers.control import serve
from bench.stack import QUOTES


def main() -> None:
    """Serve the benchmark."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "likes_service.settings")
    django.setup()
    # By its name: whoever checks the types here has no settings of Likes.
    like_quote = import_string("likes_service.domain.like_quote")
    given = 0
    rate = float(sys.argv[1]) if len(sys.argv) > 1 else 0

    def like(count: int) -> None:
        nonlocal given
        started = time.perf_counter()
        for number in range(count):
            if rate:
                time.sleep(max(0.0, started + number / rate - time.perf_counter()))
            given += 1
            like_quote(user_id=given, quote_id=1 + given % QUOTES)

    serve(like)


if __name__ == "__main__":
    main()
