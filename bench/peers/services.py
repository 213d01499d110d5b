"""How the Python peers call the services: kept connections, and one call for a page's likes."""

import base64
import os
from typing import Any

import orjson
import urllib3

_quotes = urllib3.connection_from_url(os.environ["QUOTES_URL"], maxsize=64)
_likes = urllib3.connection_from_url(os.environ["LIKES_URL"], maxsize=64)


class Services:
    """The services as one caller sees them during one request."""

    def __init__(self, authorization: str | None) -> None:
        self._headers = {"Accept": "application/json"}
        self.user = None
        if authorization:
            self._headers["Authorization"] = authorization
            # Taken from the token unverified: that is for the services.
            payload = authorization.split(" ")[1].split(".")[1]
            self.user = orjson.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]
        self._page: list[int] = []
        self._liked: set[int] | None = None

    def quotes(self, first: int) -> dict[str, Any]:
        """Return a page of quotes as a connection."""
        page = self._get(_quotes, f"/quotes?limit={first}&order=newest")
        self._page = [item["id"] for item in page["items"]]
        info = page["page_info"]
        return {
            "edges": [{"cursor": item["cursor"], "node": item} for item in page["items"]],
            "nodes": page["items"],
            "pageInfo": {
                "hasNextPage": info["has_next"],
                "hasPreviousPage": info["has_previous"],
                "startCursor": info["start_cursor"],
                "endCursor": info["end_cursor"],
            },
        }

    def liked(self, quote_id: int) -> bool | None:
        """Return whether the caller likes a quote; the first call asks for the whole page."""
        if self.user is None:
            return None
        if self._liked is None:
            ids = ",".join(map(str, self._page))
            page = self._get(_likes, f"/likes?user={self.user}&quote={ids}&limit=100")
            self._liked = {item["quote_id"] for item in page["items"]}
        return quote_id in self._liked

    def _get(self, pool: urllib3.HTTPConnectionPool, path: str) -> Any:
        response = pool.request("GET", path, headers=self._headers, timeout=5, retries=False)
        if response.status != 200:
            raise RuntimeError(f"the service's response is {response.status}")
        return orjson.loads(response.data)
