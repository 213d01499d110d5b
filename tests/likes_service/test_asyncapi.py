"""What Likes sends and receives is documented as it is."""

from django.test import Client

from tests.event_documents import assert_is_current, assert_page_shows_all, assert_tells_all


def test_the_document_in_the_tree_is_what_the_code_says(client: Client) -> None:
    assert_is_current(client, "likes")


def test_what_is_sent_and_received_is_documented_with_its_schema(client: Client) -> None:
    assert_tells_all(client)


def test_the_page_of_the_events_shows_all_and_loads_nothing(client: Client) -> None:
    assert_page_shows_all(client)
