"""Calls to Likes; no other file makes any."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import requests
import structlog
from django.conf import settings

from quotes_service.accounts.tokens import issue_token
from quotes_service.models import User
from web.trust import service_session

TIMEOUT = (1, 30)  # seconds to connect, and to count the likes of a page of quotes
LOOK_TIMEOUT = (1, 2)  # seconds; a request may wait for it
PAGE_SIZE = 100  # the most quotes or accounts that Likes takes or gives at once

log = structlog.get_logger(__name__)


class LikesUnavailable(Exception):
    """Likes doesn't answer, or not as its contract says."""


@dataclass(frozen=True)
class KnownNumbers:
    """The greatest ids of quotes and users that Likes knows, and the greatest version of one."""

    quote_id: int
    user_id: int
    version: int


def heard_by_likes() -> int | None:
    """Ask Likes for the greatest sequence that it has heard of us; None if it can't be asked."""
    try:
        return int(_call("GET", "/known", timeout=LOOK_TIMEOUT)["sequence"])
    except (LikesUnavailable, KeyError, TypeError, ValueError) as error:
        log.warning("likes_unavailable", error=str(error))
        return None


def fetch_known_numbers() -> KnownNumbers:
    """Ask Likes which numbers of ours it knows. Raises LikesUnavailable."""
    known = _call("GET", "/known/numbers")
    try:
        return KnownNumbers(
            **{name: int(known[name]) for name in ("quote_id", "user_id", "version")}
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LikesUnavailable(f"not the greatest numbers: {error}") from error


def fetch_counts(quote_ids: Sequence[int]) -> dict[int, int]:
    """Ask Likes how many likes quotes have; those that it does not know are left out."""
    quote = ",".join(map(str, quote_ids))
    items = _items("GET", f"/likes/counts?quote={quote}")
    return {int(item["quote_id"]): int(item["likes"]) for item in items}


def have_counts_published(quote_ids: Iterable[int], staff: User) -> dict[int, int]:
    """Have Likes publish the counts of quotes. Return the sequence of each one's event."""
    items = _items(
        "POST",
        "/likes/counts",
        data=orjson.dumps({"quotes": list(quote_ids)}),
        headers=_as(staff) | {"Content-Type": "application/json"},
    )
    return {int(item["quote_id"]): int(item["sequence"]) for item in items}


def fetch_account_states(after: int, staff: User) -> list[dict[str, Any]]:
    """Ask Likes for what it knows of the next PAGE_SIZE accounts, in the order of their ids."""
    return _items("GET", f"/accounts?after={after}&limit={PAGE_SIZE}", headers=_as(staff))


def _as(staff: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(staff).token}"}


def _items(method: str, path: str, **options: Any) -> list[dict[str, Any]]:
    try:
        items: list[dict[str, Any]] = _call(method, path, **options)["items"]
    except (KeyError, TypeError) as error:
        raise LikesUnavailable(f"{method} {path.partition('?')[0]}: {error}") from error
    return items


def _call(method: str, path: str, **options: Any) -> Any:
    with service_session("likes") as session:
        try:
            response = session.request(
                method,
                f"{settings.LIKES_URL}{path}",
                allow_redirects=False,
                **{"timeout": TIMEOUT} | options,
            )
            response.raise_for_status()
            return response.json()
        except (requests.RequestException, ValueError) as error:
            raise LikesUnavailable(f"{method} {path.partition('?')[0]}: {error}") from error
