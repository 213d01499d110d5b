"""Text that has broken others before, and all of Unicode, for tests by hypothesis."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

TRICKY = ["", " ", "0", "-1", "1e3", " 1", "\u0000", "\ud83d", "\u202e", "../users", "1?a", "%2e"]
LARGE = [str(2**31), str(2**63), str(10**40), "x" * 5_000, "e\u0301" * 200, "👩‍👩‍👧" * 50]
# st.characters() has half surrogates too
TEXTS = st.text(st.characters(), max_size=40) | st.sampled_from(TRICKY + LARGE)
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.lists(TEXTS, max_size=2)
)
any_input = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
