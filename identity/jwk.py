"""JSON Web Keys: which are trusted to sign, and with which algorithm.

A key's type alone decides its algorithm, never the token's header: that is what stops a token
"signed" by HMAC with the public key as its secret (algorithm confusion). So a key needs no
`alg`; where it has one, it must agree.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

_REQUIRED_MEMBERS = {
    "OKP": ("crv", "kty", "x"),
    "EC": ("crv", "kty", "x", "y"),
    "RSA": ("e", "kty", "n"),
}
_ALGORITHMS = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256", ("RSA", None): "RS256"}
# RFC 9864 calls EdDSA over this curve by its full name too.
_SAME_AS = {"Ed25519": "EdDSA"}
MIN_RSA_BITS = 2048  # what NIST SP 800-131A still allows; PyJWT doesn't enforce it unless asked


@dataclass(frozen=True)
class VerifyingKey:
    """A public key and the one algorithm that it may verify."""

    kid: str
    algorithm: str
    key: Any


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the key's RFC 7638 thumbprint, which is what Quotes puts in `kid`."""
    members = {name: jwk[name] for name in _REQUIRED_MEMBERS[jwk["kty"]]}
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


def verifying_keys(document: object) -> dict[str, VerifyingKey]:
    """Return the usable keys of a JWKS document by their `kid`.

    Unusable ones (symmetric, for encryption, of an unknown type, broken) are left out, as
    RFC 7517 section 5 asks. Raises `ValueError` for what is no JWKS document at all.
    """
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list):
        raise ValueError("not a JWKS document")
    parsed = (_verifying_key(jwk) for jwk in keys if isinstance(jwk, Mapping))
    return {key.kid: key for key in parsed if key is not None}


def _verifying_key(jwk: Mapping[str, Any]) -> VerifyingKey | None:
    kty, curve = jwk.get("kty"), jwk.get("crv")
    algorithm = _ALGORITHMS.get((str(kty), None if kty == "RSA" else curve))
    stated = jwk.get("alg", algorithm)
    if algorithm is None or _SAME_AS.get(stated, stated) != algorithm:
        return None
    if jwk.get("use", "sig") != "sig":
        return None
    public = {name: jwk.get(name) for name in _REQUIRED_MEMBERS[str(kty)]}
    try:
        key = jwt.PyJWK(public, algorithm).key
        kid = str(jwk.get("kid") or thumbprint(public))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if kty == "RSA" and key.key_size < MIN_RSA_BITS:
        return None
    return VerifyingKey(kid, algorithm, key)
