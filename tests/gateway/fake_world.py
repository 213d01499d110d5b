"""Both services, faked at the wire, answering in the agreed shapes.

They keep quotes, users and likes in dicts.
"""

from typing import Any

from tests.gateway.fake_service import Answer, Call, FakeService, problem
from tests.identity.conftest import SigningKey

AT = "2026-11-25T04:38:40.123456Z"


class FakeWorld:
    """Both services with the same few rows in them."""

    def __init__(self, quotes: FakeService, likes: FakeService, key: SigningKey) -> None:
        self.quotes, self.likes, self.key = quotes, likes, key
        self.rows: dict[int, dict[str, Any]] = {}
        self.users: dict[int, dict[str, Any]] = {}
        self.liked: list[tuple[int, int]] = []  # (quote, user), oldest first
        self.applied: set[str] = set()
        self.pending: list[tuple[str, int]] = []
        quotes.answer, likes.answer = self._quotes, self._likes

    def add_user(self, user_id: int) -> None:
        """Add a user."""
        self.users[user_id] = {"id": user_id, "username": f"user{user_id}", "joined_at": AT}

    def add_quotes(self, count: int, created_by: int | None = None) -> None:
        """Add so many quotes."""
        for _ in range(count):
            number = len(self.rows) + 1
            self.rows[number] = {
                "id": number,
                "title": f"Quote {number}",
                "author": None,
                "likes": 0,
                "version": 1,
                "created_by": created_by,
                "created_at": AT,
                "updated_at": AT,
            }

    def calls_made(self) -> list[Call]:
        """Answer all calls to both services, in full."""
        return self.quotes.calls + self.likes.calls

    def calls(self) -> list[str]:
        """Answer all calls to both services."""
        return self.quotes.paths() + self.likes.paths()

    def _quotes(self, call: Call) -> Answer:
        if call.path == "/.well-known/jwks.json":
            return Answer(document={"keys": [self.key.jwk]})
        match call.method, call.path.strip("/").split("/"):
            case "GET", ["quotes"] if "per_creator" in call.params:
                return self._written(call.params)
            case "GET", ["quotes", "total"]:
                return Answer(document={"total": len(self.rows)})
            case "GET", ["quotes", "totals"]:
                return _totals(call.params["creators"], self._creators())
            case "GET", ["quotes"]:
                return self._page(call.params)
            case "GET", ["users"] if "username" in call.params:
                name = call.params["username"]
                items = [each for each in self.users.values() if each["username"] == name]
                return Answer(document={"items": items})
            case "GET", ["users"]:
                ids = [int(each) for each in call.params["id"].split(",")]
                assert len(ids) <= 100
                items = [self.users[each] for each in sorted(ids) if each in self.users]
                return Answer(document={"items": items})
            case "GET", ["users", number] if int(number) in self.users:
                return Answer(document=self.users[int(number)])
            case "POST", ["quotes"]:
                self.add_quotes(1, created_by=1)
                row = self.rows[len(self.rows)] | call.payload
                return Answer(201, row)
            case "PATCH" | "DELETE", ["quotes", number] if self._is_other_version(call, number):
                return problem(412, "conflict", current=self.rows[int(number)])
            case "PATCH", ["quotes", number] if int(number) in self.rows:
                self.rows[int(number)] |= call.payload
                return Answer(document=self.rows[int(number)])
            case "DELETE", ["quotes", number] if int(number) in self.rows:
                return Answer(document=self.rows.pop(int(number)))
            case "GET", ["quotes", number] if int(number) in self.rows:
                return Answer(document=self._shown(self.rows[int(number)], call.params))
        return problem(404, "not_found")

    def _is_other_version(self, call: Call, number: str) -> bool:
        row = self.rows.get(int(number))
        expected = call.headers.get("if-match")
        if row is None or expected is None:
            return False
        return f'"{row["version"]}"' != expected

    def _shown(self, row: dict[str, Any], params: dict[str, str]) -> dict[str, Any]:
        shown = row | {"likes": max(0, row["likes"])}
        if "after_events" in params:
            asked = {event.partition(":")[0] for event in params["after_events"].split(",")}
            shown["applied_events"] = sorted(asked & self.applied)
            shown["stored_likes"] = row["likes"]
        return shown

    def _page(self, params: dict[str, str]) -> Answer:
        for name in ("after", "before"):
            if name in params and not params[name].startswith("c"):
                return problem(400, "invalid_cursor")
        numbers = sorted(self.rows, reverse=True)
        if "id" in params:
            asked = [int(each) for each in params["id"].split(",")]
            assert len(asked) <= 100
            numbers = [number for number in numbers if number in asked]
        numbers = numbers[: int(params.get("limit", 100))]
        items = [
            self._shown(self.rows[number], params) | {"cursor": f"c{number}"} for number in numbers
        ]
        return Answer(
            document={
                "items": items,
                "page_info": {
                    "has_next": len(self.rows) > len(items),
                    "has_previous": "after" in params,
                    "start_cursor": items[0]["cursor"] if items else None,
                    "end_cursor": items[-1]["cursor"] if items else None,
                },
            }
        )

    def _creators(self) -> list[int]:
        return [row["created_by"] for row in self.rows.values()]

    def _written(self, params: dict[str, str]) -> Answer:
        creators = [int(each) for each in params["creators"].split(",")]
        assert len(creators) <= 100
        rows = [row | {"cursor": f"c{number}"} for number, row in sorted(self.rows.items())]
        rows.reverse()
        return _page_of_each(rows, "created_by", creators, params, "per_creator")

    def _likes(self, call: Call) -> Answer:
        match call.method, call.path.strip("/").split("/"):
            case "GET", ["likes", "totals"]:
                if "users" in call.params:
                    return _totals(call.params["users"], [user for _, user in self.liked])
                return _totals(call.params["quote"], [quote for quote, _ in self.liked])
            case "GET", ["likes"]:
                return self._list_likes(call.params)
            case "POST", ["quotes", number, "like"] if int(number) in self.rows:
                self.pending.append((f"e{len(self.pending)}", 1))
                return Answer(201, self._like_answer(int(number)))
            case "DELETE", ["quotes", number, "like"] if int(number) in self.rows:
                self.pending.append((f"e{len(self.pending)}", -1))
                return Answer(200, self._like_answer(int(number)))
        return problem(404, "not_found")

    def _like_answer(self, number: int) -> dict[str, Any]:
        events = [
            {"id": event_id, "likes": effect, "sequence": number}
            for number, (event_id, effect) in enumerate(self.pending, 1)
        ]
        return {"quote_id": number, "user_id": 1, "created_at": AT, "events": events}

    def _list_likes(self, params: dict[str, str]) -> Answer:
        each_user = "per_user" in params
        asked = [int(number) for number in params["users" if each_user else "quote"].split(",")]
        assert len(asked) <= 100
        found: list[dict[str, Any]] = [
            {"id": i, "quote_id": quote, "user_id": user, "created_at": AT, "cursor": f"l{i}"}
            for i, (quote, user) in enumerate(self.liked, start=1)
            if (user if each_user else quote) in asked and params.get("user") in {None, str(user)}
        ][::-1]
        if each_user:
            return _page_of_each(found, "user_id", asked, params, "per_user")
        if "per_quote" not in params:
            return Answer(document={"items": found, "page_info": {}})
        return _page_of_each(found, "quote_id", asked, params, "per_quote")


def _page_of_each(
    rows: list[dict[str, Any]], of: str, lists: list[int], params: dict[str, str], size: str
) -> Answer:
    """Answer a page of each list, whose rows have its number there, as both services do."""
    limit, backwards = int(params[size]), params.get("backwards") == "true"
    cursor = params.get("before" if backwards else "after")
    items, more, skipped = [], [], []
    for number in lists:
        of_list = [row for row in rows if row[of] == number]
        if backwards:
            of_list.reverse()
        if cursor is not None:
            # The row of the cursor may be gone; its place in the list stays.
            beyond = [row for row in of_list if _is_beyond(row["cursor"], cursor, backwards)]
            skipped += [number] if len(beyond) < len(of_list) else []
            of_list = beyond
        more += [number] if len(of_list) > limit else []
        items += of_list[:limit][::-1] if backwards else of_list[:limit]
    return Answer(document={"items": items, "more": more, "skipped": skipped})


def _is_beyond(row: str, cursor: str, backwards: bool) -> bool:
    """Return whether a row comes after a cursor, in a list whose newest rows come first."""
    return int(row[1:]) > int(cursor[1:]) if backwards else int(row[1:]) < int(cursor[1:])


def _totals(ids: str, rows: list[int]) -> Answer:
    numbers = [int(each) for each in ids.split(",")]
    items = [{"id": number, "total": rows.count(number)} for number in numbers]
    return Answer(document={"items": items})
