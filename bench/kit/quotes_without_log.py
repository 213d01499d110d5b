"""The settings of Quotes without its log: its relay publishes to the exchange alone."""

from quotes_service.settings import *  # noqa: F403
from quotes_service.settings import MESSAGING as SHIPPED

MESSAGING = {
    **SHIPPED,
    "LOGGED": [],
    "ONLY_LOGGED": [],
    "HANDLERS": "bench.kit.silent_handlers.HANDLERS",
}
