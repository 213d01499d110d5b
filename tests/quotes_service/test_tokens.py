"""The tokens of Quotes are verified by `identity`, with the keys that Quotes publishes."""

import multiprocessing
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from identity import tokens as identity_tokens
from identity.errors import IdentityError
from identity.tokens import Caller
from quotes_service.accounts import signing_keys
from quotes_service.accounts.tokens import issue_token, write_jwks_file
from quotes_service.models import User
from tests.rest_api import Api

pytestmark = pytest.mark.django_db


def pem(key: Ed25519PrivateKey | EllipticCurvePrivateKey | None = None) -> str:
    private = key or Ed25519PrivateKey.generate()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def use_keys(settings: Settings, text: str) -> None:
    settings.JWT_PRIVATE_KEY = text
    signing_keys.signing_keys.cache_clear()
    identity_tokens.forget()
    write_jwks_file()


def test_a_token_stands_for_its_user(ann: User, staff: User) -> None:
    assert identity_tokens.verify(issue_token(ann).token) == Caller(ann.id, staff=False)
    assert identity_tokens.verify(issue_token(staff).token) == Caller(staff.id, staff=True)


def test_a_token_says_when_it_ends(ann: User, settings: Settings) -> None:
    settings.TOKEN_LIFETIME = timedelta(hours=1)
    issued = issue_token(ann)
    claims = jwt.decode(issued.token, options={"verify_signature": False})
    assert claims["exp"] == int(issued.expires_at.timestamp()) == int(claims["iat"]) + 3600
    assert set(claims) == {"iss", "sub", "iat", "exp", "staff"}


def test_a_token_that_has_ended_is_refused(ann: User, settings: Settings) -> None:
    settings.TOKEN_LIFETIME = timedelta(seconds=-1)
    response = Api(issue_token(ann).token)("POST", "/quotes", {"title": "x"})
    assert (response.status, response.code) == (401, "invalid_token")
    assert "expired" in response.body["detail"]


def test_the_public_keys_hold_nothing_private(api: Api) -> None:
    response = api("GET", "/.well-known/jwks.json")
    (key,) = response.body["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert "max-age" in response.headers["Cache-Control"]


def test_a_key_can_be_changed_while_its_tokens_go_on(ann: User, settings: Settings) -> None:
    old, new = pem(), pem()
    use_keys(settings, old)
    earlier = issue_token(ann).token
    use_keys(settings, new + old)
    assert identity_tokens.verify(earlier).user_id == ann.id
    later = issue_token(ann).token
    kids = [key.kid for key in signing_keys.signing_keys()]
    assert jwt.get_unverified_header(later)["kid"] == kids[0]
    assert jwt.get_unverified_header(earlier)["kid"] == kids[1]
    use_keys(settings, new)
    with pytest.raises(IdentityError):  # nobody can be asked here whether there is a newer key
        identity_tokens.verify(earlier)


@pytest.mark.parametrize(
    "text",
    [
        "no key",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----",
        pem(generate_private_key(SECP256R1())),
    ],
)
def test_a_wrong_key_is_told_at_the_start(settings: Settings, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="JWT private key"):
        use_keys(settings, text)


def test_a_missing_key_file_is_told_and_not_made_in_production(
    settings: Settings, tmp_path: Path
) -> None:
    settings.JWT_CREATE_KEY = False
    settings.JWT_PRIVATE_KEY_FILE = str(tmp_path / "absent.pem")
    signing_keys.signing_keys.cache_clear()
    with pytest.raises(ImproperlyConfigured, match=r"absent\.pem"):
        signing_keys.signing_keys()


def _make(path: str) -> str:
    signing_keys._create(Path(path))
    return Path(path).read_text()


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    path = tmp_path / "var" / "key.pem"
    with multiprocessing.get_context("fork").Pool(4) as pool:
        read = pool.map(_make, [str(path)] * 8)
    assert len(set(read)) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key.pem"]


def test_a_folder_that_can_not_be_written_stops_nothing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.JWKS_FILE = str(tmp_path / "file" / "jwks.json")
    write_jwks_file()


def test_a_token_of_another_is_no_token_of_ours(ann: User, make_user: Callable[..., User]) -> None:
    stranger = Ed25519PrivateKey.generate()
    kid = signing_keys.signing_keys()[0].kid
    claims = jwt.decode(issue_token(ann).token, options={"verify_signature": False})
    forged = jwt.encode(claims, stranger, algorithm="EdDSA", headers={"kid": kid})
    confused = jwt.encode(claims, "secret" * 8, algorithm="HS256", headers={"kid": kid})
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": kid})
    for token in (forged, confused, unsigned):
        response = Api(token)("POST", "/quotes", {"title": "x"})
        assert (response.status, response.code) == (401, "invalid_token")
