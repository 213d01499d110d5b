"""Tokens as Quotes signs them, by a key of the tests' own, for services that only verify them."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_django import Settings

from identity import tokens as identity_tokens

_KEY = Ed25519PrivateKey.generate()
_KID = "test"


@contextmanager
def verified_by_our_key(settings: Settings, file: Path) -> Iterator[None]:
    """Have the service know our public key, as Quotes would publish it, from a file."""
    x = urlsafe_b64encode(_KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": _KID, "alg": "EdDSA", "use": "sig"}
    file.write_text(json.dumps({"keys": [jwk]}))
    settings.JWKS_FILE = str(file)
    settings.JWKS_URL = "http://127.0.0.1:9/jwks.json"  # the discard port: nobody answers
    identity_tokens.forget()
    yield
    identity_tokens.forget()


def token_of(user_id: int, lifetime: timedelta = timedelta(hours=1), *, staff: bool = False) -> str:
    """Return a token of a user."""
    now = datetime.now(UTC)
    claims = {"iss": "quotes", "sub": str(user_id), "iat": now.timestamp(), "exp": now + lifetime}
    return jwt.encode(claims | {"staff": staff}, _KEY, "EdDSA", headers={"kid": _KID})
