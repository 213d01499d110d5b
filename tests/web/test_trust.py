"""Whom calls between the services trust: the same for all of them."""

from pathlib import Path

import pytest
import requests
from pytest_django import Settings

from identity.errors import KeysUnavailable
from identity.keys import KeySet
from quotes_service import clients
from tests.https_service import https_service
from web.trust import service_session


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_private_authority_is_trusted_by_all(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with https_service("localhost", tmp_path, monkeypatch, trusted=place) as url:
        settings.LIKES_URL = url
        with service_session() as session:
            assert session.get(url, timeout=30).status_code == 200
        keys = KeySet(f"{url}/.well-known/jwks.json")
        with pytest.raises(KeysUnavailable):  # there are none
            keys.get("any")
        assert keys._fetched_at > 0
        assert clients.fetch_counts([1]) == {}


@pytest.mark.parametrize(("host", "trusted"), [("localhost", ""), ("elsewhere.example", "file")])
def test_a_stranger_is_trusted_by_none(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, trusted: str
) -> None:
    with https_service(host, tmp_path, monkeypatch, trusted=trusted) as url:
        settings.LIKES_URL = url
        with service_session() as session, pytest.raises(requests.exceptions.SSLError):
            session.get(url, timeout=30)
        keys = KeySet(f"{url}/.well-known/jwks.json")
        with pytest.raises(KeysUnavailable):
            keys.get("any")
        assert keys._fetched_at < 0
        with pytest.raises(clients.LikesUnavailable, match="certificate verify failed"):
            clients.fetch_counts([1])
