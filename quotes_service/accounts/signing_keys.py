"""The private keys that sign tokens: read once, and made on first need in development."""

import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import OKPAlgorithm

from identity.jwk import thumbprint

_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)


@dataclass(frozen=True)
class SigningKey:
    """A private key, and its public half as a JWK."""

    kid: str
    private: Ed25519PrivateKey
    jwk: dict[str, Any]


@cache
def signing_keys() -> tuple[SigningKey, ...]:
    """Return all keys; the first is the one that signs. Raises `ImproperlyConfigured`."""
    if not settings.JWT_PRIVATE_KEY and not settings.JWT_PRIVATE_KEY_FILE:
        raise ImproperlyConfigured(
            "JWT_PRIVATE_KEY or JWT_PRIVATE_KEY_FILE must be set in production: "
            "an Ed25519 private key as PEM, by `openssl genpkey -algorithm ed25519`."
        )
    text = settings.JWT_PRIVATE_KEY or _read_file(Path(settings.JWT_PRIVATE_KEY_FILE))
    keys = tuple(_signing_key(match[0]) for match in _PEM.finditer(text))
    if not keys:
        raise ImproperlyConfigured("The JWT private key holds no PEM text.")
    return keys


def _signing_key(pem: str) -> SigningKey:
    try:
        private = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ImproperlyConfigured("The JWT private key can't be read.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise ImproperlyConfigured("The JWT private key must be an Ed25519 key.")
    public = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
    kid = thumbprint(public)
    return SigningKey(kid, private, {**public, "kid": kid, "alg": "EdDSA", "use": "sig"})


def _read_file(path: Path) -> str:
    if settings.JWT_CREATE_KEY and not path.exists():
        _create(path)
    try:
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"The JWT private key {path} can't be read: {error}") from error


def _create(path: Path) -> None:
    """Make a key file whole at once; of several processes that try, one wins."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file, so that no reader ever sees a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(draft).chmod(0o644)
    Path(draft).replace(path)


def jwks() -> dict[str, Any]:
    """Return the public keys as a JWKS document."""
    return {"keys": [key.jwk for key in signing_keys()]}


def jwks_bytes() -> bytes:
    """Return the JWKS document as JSON."""
    return orjson.dumps(jwks())
