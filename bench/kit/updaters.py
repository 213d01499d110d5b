"""Changes of one quote of Quotes, so many a second, each in its transaction with its event.

Run with the settings of Quotes. It reports when each version was committed.
"""

import os
import sys
import time

import django
from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from bench.peers.control import serve

QUOTE = 1


def main() -> None:
    """Serve the benchmark."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quotes_service.settings")
    django.setup()
    rate = float(sys.argv[1])
    # By their names: whoever checks the types here has no settings of Quotes.
    quotes = import_string("quotes_service.models.Quote").objects.filter(id=QUOTE)
    event = import_string("quotes_service.events.updated")
    publish = import_string("messaging.outbox.publish")

    def update(count: int) -> dict[str, float]:
        committed: dict[str, float] = {}
        started = time.perf_counter()
        for number in range(count):
            time.sleep(max(0.0, started + number / rate - time.perf_counter()))
            with transaction.atomic():
                quotes.update(version=F("version") + 1)
                quote = quotes.get()
                publish(event(quote))
            committed[str(quote.version)] = time.time()
        return committed

    serve(update)


if __name__ == "__main__":
    main()
