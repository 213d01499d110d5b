"""Calls to Likes, by management commands; no other file makes any."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import requests
from django.conf import settings

from quotes_service.models import User
from quotes_service.tokens import issue_token
from web.trust import service_session

TIMEOUT = (1, 30)  # seconds to connect, and to count the likes of a page of quotes
PAGE_SIZE = 100  # the most quotes or accounts that Likes takes or gives at once


class LikesUnavailable(Exception):
    """Likes doesn't answer, or not as its contract says."""


def fetch_counts(quote_ids: Sequence[int]) -> dict[int, int]:
    """Ask Likes how many likes quotes have; those that it does not know are left out."""
    quote = ",".join(map(str, quote_ids))
    items = _call("GET", f"/likes/counts?quote={quote}")
    return {int(item["quote_id"]): int(item["likes"]) for item in items}


def have_counts_published(quote_ids: Iterable[int], staff: User) -> dict[int, int]:
    """Have Likes publish the counts of quotes. Return the sequence of each one's event."""
    items = _call(
        "POST",
        "/likes/counts",
        data=orjson.dumps({"quotes": list(quote_ids)}),
        headers=_as(staff) | {"Content-Type": "application/json"},
    )
    return {int(item["quote_id"]): int(item["sequence"]) for item in items}


def fetch_account_states(after: int, staff: User) -> list[dict[str, Any]]:
    """Ask Likes for what it knows of the next PAGE_SIZE accounts, in the order of their ids."""
    return _call("GET", f"/accounts?after={after}&limit={PAGE_SIZE}", headers=_as(staff))


def _as(staff: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(staff).token}"}


def _call(method: str, path: str, **options: Any) -> list[dict[str, Any]]:
    with service_session() as session:
        try:
            response = session.request(
                method,
                f"{settings.LIKES_URL}{path}",
                timeout=TIMEOUT,
                allow_redirects=False,
                **options,
            )
            response.raise_for_status()
            items: list[dict[str, Any]] = response.json()["items"]
            return items
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise LikesUnavailable(f"{method} {path.partition('?')[0]}: {error}") from error
