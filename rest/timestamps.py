"""Times as text, to the microsecond.

Ninja and Django's JsonResponse cut times to milliseconds; two states of a row could then look
the same. Events have them, too: what publishes these loads no ninja.
"""

from datetime import UTC, datetime


def timestamp(time: datetime) -> str:
    """Write a time as the contract has it: `2026-11-25T04:38:40.123456Z`."""
    if time.tzinfo is not UTC:
        time = time.astimezone(UTC)
    return f"{time.isoformat(timespec='microseconds')[: -len('+00:00')]}Z"
