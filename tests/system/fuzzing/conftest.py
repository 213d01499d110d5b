"""The report of what the fuzzer tried, and what came of it."""

import pytest

Rows = list[tuple[str, int, int]]
_rows = pytest.StashKey[Rows]()


def pytest_configure(config: pytest.Config) -> None:
    """Have a place for the figures."""
    config.stash[_rows] = []


@pytest.fixture
def rows(pytestconfig: pytest.Config) -> Rows:
    """Where a test leaves (what it tried, inputs tried, 5xx seen)."""
    return pytestconfig.stash[_rows]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the figures, and their sum."""
    rows = config.stash[_rows]
    if not rows:
        return
    terminalreporter.section("fuzzed")
    for name, tried, faults in [
        *rows,
        ("in all", sum(row[1] for row in rows), sum(row[2] for row in rows)),
    ]:
        terminalreporter.write_line(f"inputs tried {tried:>6}  5xx seen {faults}  {name}")
