"""Searches: whichever way a page is found, all pages together hold all that is to be found."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote as quoted

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import F
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from identity.tokens import Caller
from quotes_service import domain
from quotes_service.models import Quote, SearchableText, User
from quotes_service.search import index, pages, sampling, trigrams
from quotes_service.search.refolding import catch_up, write_searchable
from tests.rest_api import Api, Response

pytestmark = pytest.mark.django_db
ORDERS = ("newest", "oldest", "most_liked")


@pytest.fixture(autouse=True)
def _sampled_anew() -> Iterator[None]:
    sampling.forget()
    yield
    sampling.forget()


@pytest.fixture
def look_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets how far a request looks, and what the index may find."""

    def limit(looks: int, candidates: int = 500, postings: int = 20_000) -> None:
        monkeypatch.setattr(pages, "LOOKS", looks)
        monkeypatch.setattr(pages, "LOOKS_ELSEWHERE", looks)
        monkeypatch.setattr(trigrams, "MOST_CANDIDATES", candidates)
        monkeypatch.setattr(trigrams, "MOST_POSTINGS", postings)

    return limit


@pytest.fixture
def quotes(ann: User) -> list[Quote]:
    """Sixty, of which each third is wise, each second good, and five at the start are old."""
    now = timezone.now()
    made = Quote.objects.bulk_create(
        Quote(
            title=" ".join(
                word
                for word, holds in [
                    ("Quote", True), ("Wise", n % 3 == 0), ("good", n % 2 == 0), ("bad", n % 2),
                    ("Öld", n < 5), ("七転", n == 7), (f"n{n:03}", True),
                ]
                if holds
            ),
            author="" if n % 4 else "René",
            likes=n * 7 % 5,
            created_by=ann if n % 5 else None,
            created_at=now,
            updated_at=now,
        )
        for n in range(60)
    )  # fmt: skip
    write_searchable(made)
    return made


def expected(order: str, quotes: list[Quote]) -> list[int]:
    keys = {
        "newest": lambda q: (-q.id,),
        "oldest": lambda q: (q.id,),
        "most_liked": lambda q: (-q.likes, -q.id),
    }
    return [q.id for q in sorted(quotes, key=keys[order])]


def page(api: Api, **params: Any) -> Response:
    response = api("GET", "/quotes?" + "&".join(f"{k}={quoted(str(v))}" for k, v in params.items()))
    assert response.status == 200, response.body
    return response


def ids(response: Response) -> list[int]:
    return [item["id"] for item in response.body["items"]]


def all_pages(api: Api, backwards: bool = False, **params: Any) -> list[int]:
    """Follow the pages to the end, with never more requests than quotes."""
    seen: list[int] = []
    side, more = ("before", "has_previous") if backwards else ("after", "has_next")
    for _ in range(70):
        response = page(api, backwards=str(backwards).lower(), **params)
        found, info = ids(response), response.body["page_info"]
        seen = found + seen if backwards else seen + found
        if not info[more]:
            return seen
        params[side] = info["start_cursor" if backwards else "end_cursor"]
    raise AssertionError("The pages have no end.")


# How far a request looks, what the index may find, and how common the rarest trigram may be.
WAYS = {
    "a look at all": (1000, 500, 20_000),
    "the index": (15, 500, 20_000),
    "looks alone": (15, 500, -1),
    "an index that finds too many": (15, 3, 20_000),
}
WANTED: dict[str, Callable[[int], bool]] = {
    "wise": lambda n: n % 3 == 0,
    "rene WISE": lambda n: n % 12 == 0,
    "good bad": lambda n: False,
    "old": lambda n: n < 5,
    "七": lambda n: n == 7,
    "n05": lambda n: n // 10 == 5,
    "x": lambda n: False,
    "n": lambda n: True,
    "good n058": lambda n: n == 58,
    "Wise wise": lambda n: n % 3 == 0,
}
BACKWARDS = ("rene WISE", "n05", "Wise wise")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("way", WAYS)
def test_all_pages_together_hold_each_quote_that_is_found_once_in_order(
    api: Api, quotes: list[Quote], look_at: Callable[..., None], way: str, order: str
) -> None:
    look_at(*WAYS[way])
    for text, holds in WANTED.items():
        wanted = expected(order, [quote for n, quote in enumerate(quotes) if holds(n)])
        backwards = text in BACKWARDS
        assert all_pages(api, backwards, search=text, order=order, limit=7) == wanted, text


def test_a_search_within_a_list_finds_what_both_hold(
    api: Api, ann: User, quotes: list[Quote], look_at: Callable[..., None]
) -> None:
    wanted = [quote.id for n, quote in enumerate(quotes) if n % 3 == 0 and n % 5]
    for way in WAYS.values():
        look_at(*way)
        found = all_pages(api, limit=5, search="wise", order="oldest", created_by=ann.id)
        assert found == wanted


def test_a_request_looks_only_so_far_and_says_where_it_ended(
    api: Api, quotes: list[Quote], look_at: Callable[..., None]
) -> None:
    look_at(8, candidates=3)
    first = page(api, search="old", order="newest", limit=4)
    assert (ids(first), first.body["page_info"]["has_next"]) == ([], True)
    end = first.body["page_info"]["end_cursor"]
    assert ids(page(api, order="newest", limit=1, after=end)) == [quotes[51].id]


def test_more_words_are_looked_for_in_fewer_quotes(
    api: Api, quotes: list[Quote], look_at: Callable[..., None]
) -> None:
    look_at(40, postings=-1)
    ends = [
        page(api, search=text, limit=1).body["page_info"]["end_cursor"] for text in ("x", "x y z w")
    ]
    lasts = [ids(page(api, limit=1, after=end))[0] for end in ends]
    assert lasts == [quotes[19].id, quotes[49].id]


def test_two_common_words_that_never_meet_do_not_make_the_index_read_all_of_both(
    api: Api,
    quotes: list[Quote],
    look_at: Callable[..., None],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    look_at(8, postings=20)
    page(api, search="good bad", limit=4)  # takes the sample
    with django_assert_num_queries(2) as asked:
        page(api, search="good bad", limit=4)
    assert not any("WITH selected" in each["sql"] for each in asked.captured_queries)


def test_the_index_is_not_asked_twice_for_a_word_of_which_it_finds_too_many(
    api: Api,
    quotes: list[Quote],
    look_at: Callable[..., None],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    look_at(15, candidates=3)
    # As a sample that has met the word nowhere.
    sampling.current_sample().__dict__["texts"] = [" nothing "]
    page(api, search="n05")
    with django_assert_num_queries(3) as asked:
        page(api, search="n05")
    assert not any("WITH selected" in each["sql"] for each in asked.captured_queries)


def test_a_rare_word_is_found_by_the_index_of_trigrams(
    api: Api, quotes: list[Quote], look_at: Callable[..., None]
) -> None:
    text, values = trigrams.candidates("n058", ["n058"])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {text}", values)
            plan = str(cursor.fetchall())
            assert "searchable_text_trigrams" in plan
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {text}", values)
            assert "VIRTUAL TABLE INDEX" in str(cursor.fetchall())
        cursor.execute(text, values)
        assert cursor.fetchall() == [(quotes[58].id, True)]


def test_what_the_index_finds_is_looked_at_once_and_no_quote_read_but_those_of_the_page(
    api: Api,
    quotes: list[Quote],
    look_at: Callable[..., None],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    look_at(15)
    page(api, search="n058")  # takes the sample
    with django_assert_num_queries(2) as asked:
        assert ids(page(api, search="n058")) == [quotes[58].id]
    [statement] = [each["sql"] for each in asked.captured_queries if "WITH selected" in each["sql"]]
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {statement}".replace("%", "%%"), [])
        plan = "\n".join(row[-1] for row in cursor.fetchall())
    assert "quotes_service_searchabletext" in plan
    assert "quotes_service_quote" not in plan.replace("AS quotes_service_quote", ""), plan


@pytest.mark.parametrize(
    "text", ['"', "''", "%", "_", "\\", "a\"b' OR 1=1", "*", "NEAR(a b)", "-ab", "(", "ﷺ" * 200]
)
def test_what_means_something_to_a_database_is_a_letter_here(
    api: Api, make_quote: Callable[..., Quote], look_at: Callable[..., None], text: str
) -> None:
    make_quote("Something else.")
    meant = make_quote(f"It says {text[:40]}, so it is.")
    for way in WAYS.values():
        look_at(1, *way[1:])
        assert all_pages(api, search=text, limit=1) == [meant.id]


def test_a_quote_is_found_by_its_new_text_and_no_more_by_its_old_one(api: Api, ann: User) -> None:
    quote = domain.create_quote(user_id=ann.id, title="Before", author="Anybody")
    caller = Caller(user_id=ann.id, staff=False)
    domain.update_quote(quote_id=quote.id, caller=caller, title="Afterwards")
    assert ids(page(api, search="before")) == []
    assert ids(page(api, search="anybody afterwards")) == [quote.id]
    domain.delete_quote(quote_id=quote.id, caller=caller)
    assert ids(page(api, search="afterwards")) == []
    assert not SearchableText.objects.exists()


def test_what_the_release_before_writes_is_found_after_the_next_writes(
    api: Api, ann: User, make_quote: Callable[..., Quote], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "CAUGHT_UP_EVERY", 1)
    changed, deleted = make_quote("Before"), make_quote("Deleted")
    # As the release before writes: it knows neither the table nor the column.
    Quote.objects.filter(id=changed.id).update(title="Since", version=F("version") + 1)
    Quote.objects.filter(id=deleted.id).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quotes_service_quote (title, author, likes, version, likes_sequence,"
            " likes_counted_sequence, created_at, updated_at) SELECT 'Since', '', 0, 1, 0, 0,"
            " created_at, updated_at FROM quotes_service_quote WHERE id = %s",
            [changed.id],
        )
    assert ids(page(api, search="deleted")) == []
    domain.create_quote(user_id=ann.id, title="Another")
    assert len(ids(page(api, search="since"))) == 2
    assert ids(page(api, search="before")) == []
    assert catch_up(100) == 0


def test_a_decomposed_search_has_the_length_of_what_it_means(api: Api) -> None:
    assert ids(page(api, search="e\u0301" * 200)) == []
    assert api("GET", f"/quotes?search={quoted('e' * 201)}").field_codes == {"search": "too_long"}


def test_an_account_that_may_not_make_the_extension_is_told_what_to_do() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has its trigrams built in")
    with connection.schema_editor(atomic=False) as editor, connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        cursor.execute("CREATE ROLE may_little")
        cursor.execute("SET LOCAL ROLE may_little")
        with pytest.raises(CommandError, match="permission denied") as refused:
            index.require_pg_trgm(None, editor)
        assert "CREATE EXTENSION pg_trgm" in str(refused.value)
        cursor.execute("RESET ROLE")


def test_sqlite_keeps_the_index_in_step_by_triggers_that_no_migration_has_dropped() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its indexes itself")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")
        assert cursor.fetchone() == (3,)
