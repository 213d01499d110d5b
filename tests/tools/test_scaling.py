"""What so many users need: docs/scaling.md has what the arithmetic gives, from measured figures."""

import pytest

from bench import scaling
from bench.scaling import Habits, after_outage, most_users, needs, report, tide
from tools.environment import ROOT

PAGE = (ROOT / "docs" / "scaling.md").read_text()
MEASURED = (ROOT / "docs" / "performance.md").read_text()


@pytest.mark.parametrize("part", [0, 1], ids=["at the peak", "after an outage"])
def test_the_page_has_what_is_computed(part: int) -> None:
    computed = report(scaling.USERS, Habits()).split("\n\n")[part]
    assert computed in PAGE, f"write it into docs/scaling.md:\n{computed}"


@pytest.mark.parametrize(
    ("figure", "row"),
    [
        (scaling.GATEWAY_PAGE, "| this gateway | 1,246 | 12.4 | 21.8 | 1.43 |"),
        (scaling.QUOTES_PAGE, "| newest, first page | 2.55 |"),
        (scaling.QUOTE, "| createQuote | 210 | 67.5 | 170 | 8.99 | 5.2 |"),
        (scaling.QUOTE_WEB, "| createQuote | 210 | 67.5 | 170 | 8.99 | 5.2 |"),
        (scaling.LIKE, "| likeQuote | 184 | 79.7 | 203 | 10.3 | 6.29 |"),
        (scaling.LIKE_WEB, "| likeQuote | 184 | 79.7 | 203 | 10.3 | 6.29 |"),
        (scaling.RELAY, "| this relay | 11,756 |"),
        (scaling.CONSUMER, "| this consumer | 10,515 |"),
    ],
)
def test_each_figure_is_one_that_was_measured(figure: float, row: str) -> None:
    assert row in MEASURED, "measured anew: scaling.py and docs/scaling.md have to follow"
    assert f"{figure:,}" in row


def test_a_day_has_its_mean() -> None:
    assert sum(tide(hour * 3600) for hour in range(24)) / 24 == pytest.approx(1)


def test_twice_the_users_need_twice_as_much() -> None:
    one, two = needs(1e6, Habits()), needs(2e6, Habits())
    assert two.pages == pytest.approx(2 * one.pages)
    assert two.web_cores == pytest.approx(2 * one.web_cores)
    assert two.live_processes == 2 * one.live_processes


def test_what_waited_in_an_outage_is_handled_by_what_is_left_of_the_consumer() -> None:
    users = most_users(Habits()) / 2
    outage = after_outage(users, Habits(), seconds=600)
    assert outage.most_waiting == pytest.approx(600 * scaling.CONSUMER / 2, rel=0.01)
    # What comes meanwhile is half of what it can do, and less as the tide goes out.
    assert outage.seconds_until_through == pytest.approx(600, rel=0.05)


def test_more_than_the_consumer_can_do_is_said_to_have_no_end() -> None:
    assert after_outage(1e9, Habits(), seconds=60).seconds_until_through is None
