"""What the services send is decoded by shape, by many threads from the first moment on."""

import subprocess
import sys

import pytest

from tools.environment import ROOT

# Threads that take turns as often as they can, each with the first of its shape in the process.
AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-6)
from gateway.upstream import decoding, shapes
USER = '{"id": 1, "username": "u", "joined_at": "2026-01-01T00:00:00Z"}'
TIMES = '"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"'
TEXT = '"id": 1, "title": "t", "likes": 1, "version": 1'
QUOTE = '{%s, "cursor": "c", "applied_events": [], %s}' % (TEXT, TIMES)
INFO = '{"has_next": false, "has_previous": false}'
TEXTS = {
    "UserShape": USER,
    "UsersShape": '{"items": [%s]}' % USER,
    "LoginShape": '{"token": "t", "expires_at": "2026-01-01T00:00:00Z", "user": %s}' % USER,
    "QuoteShape": QUOTE,
    "CountedQuoteShape": QUOTE,
    "QuotesShape": '{"items": [%s, %s], "page_info": %s}' % (QUOTE, QUOTE, INFO),
    "ListedQuoteShape": QUOTE,
}
barrier = threading.Barrier(4 * len(TEXTS))
def decode(name, text):
    barrier.wait()
    assert decoding.decode(text.encode(), getattr(shapes, name))
threads = [threading.Thread(target=decode, args=each) for each in 4 * list(TEXTS.items())]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.parametrize("attempt", range(20))
def test_threads_that_decode_their_first_at_once_do_not_end_the_process(attempt: int) -> None:
    run = subprocess.run(
        [sys.executable, "-c", AT_ONCE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
