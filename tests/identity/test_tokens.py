"""Who is let in, and who is not."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity import tokens
from identity.errors import InvalidToken
from identity.tokens import Caller, bearer_token, verify
from tests.identity.conftest import KeyServer, SigningKey


def test_a_token_that_quotes_signed_names_its_caller(key: SigningKey) -> None:
    assert verify(key.sign(sub="42")) == Caller(user_id=42, staff=False)
    assert verify(key.sign(sub="43", staff=True)) == Caller(user_id=43, staff=True)


def test_staff_is_only_who_the_token_says_so_of_with_true(key: SigningKey) -> None:
    assert verify(key.sign(staff="yes")).staff is False
    assert verify(key.sign(staff=None)).staff is False


def test_an_expired_token_is_refused(key: SigningKey) -> None:
    with pytest.raises(InvalidToken, match="expired"):
        verify(key.sign(exp=int(time.time()) - 1))


def test_a_token_that_was_let_in_before_is_refused_once_it_expires(
    key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = key.sign()
    verify(token)
    later = time.time() + 601
    monkeypatch.setattr("identity.tokens.time.time", lambda: later)
    with pytest.raises(InvalidToken, match="expired"):
        verify(token)


def test_a_token_of_a_signer_whose_clock_is_ahead_is_let_in(key: SigningKey) -> None:
    assert verify(key.sign(iat=int(time.time()) + 5)).user_id == 7


def test_a_token_of_another_issuer_is_refused(key: SigningKey) -> None:
    with pytest.raises(InvalidToken, match="issuer"):
        verify(key.sign(iss="somebody"))


def test_a_token_signed_by_another_key_under_a_known_id_is_refused(key: SigningKey) -> None:
    with pytest.raises(InvalidToken, match="not valid"):
        verify(SigningKey().sign(header={"kid": key.jwk["kid"]}))


def test_a_token_signed_by_an_unknown_key_is_refused(key: SigningKey) -> None:
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(SigningKey().sign())


@pytest.mark.parametrize("name", ["exp", "iat", "iss", "sub"])
def test_a_token_without_a_required_claim_is_refused(key: SigningKey, name: str) -> None:
    with pytest.raises(InvalidToken):
        verify(key.sign(**{name: None}))


@pytest.mark.parametrize("subject", ["", "0", "-1", "x", "1e3", " 1", "\u0661", str(2**63), 7])
def test_a_token_whose_subject_is_no_user_id_is_refused(key: SigningKey, subject: Any) -> None:
    with pytest.raises(InvalidToken):
        verify(key.sign(sub=subject))


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _claims() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": "quotes", "sub": "1", "iat": now, "exp": now + 600, "staff": True}


def test_a_token_signed_with_the_public_key_as_an_hmac_secret_is_refused(key: SigningKey) -> None:
    public = key.private.public_key()
    for secret in (
        public.public_bytes_raw(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(key.jwk).encode(),
    ):
        import hashlib
        import hmac

        signed = f"{_encoded({'alg': 'HS256', 'kid': key.jwk['kid']})}.{_encoded(_claims())}"
        mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        forged = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        with pytest.raises(InvalidToken):
            verify(forged)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_an_unsigned_token_is_refused(key: SigningKey, algorithm: str) -> None:
    head = _encoded({"alg": algorithm, "kid": key.jwk["kid"]})
    for signature in ("", "AAAA"):
        with pytest.raises(InvalidToken):
            verify(f"{head}.{_encoded(_claims())}.{signature}")


def test_a_symmetric_key_among_the_published_ones_is_ignored(key_server: KeyServer) -> None:
    secret = b"s" * 32
    k = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    key_server.keys = [{"kty": "oct", "k": k, "kid": "oct", "alg": "HS256"}, SigningKey().jwk]
    with pytest.raises(InvalidToken):
        verify(jwt.encode(_claims(), secret, algorithm="HS256", headers={"kid": "oct"}))


@pytest.mark.parametrize(
    "token", ["", "x", "a.b", "a.b.c", "....", "\u0000", "é.é.é", "e30.e30.", "x" * 5000]
)
def test_what_is_no_token_is_refused(key: SigningKey, token: str) -> None:
    with pytest.raises(InvalidToken):
        verify(token)


def test_a_token_longer_than_any_of_ours_is_not_even_taken_apart(key: SigningKey) -> None:
    with pytest.raises(InvalidToken, match="too long"):
        verify(key.sign(more="x" * 5000))


def test_of_the_tokens_let_in_only_so_many_are_remembered(
    key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MAX_REMEMBERED", 2)
    signed = [key.sign(sub=str(number)) for number in range(1, 6)]
    assert [verify(token).user_id for token in signed * 2] == [1, 2, 3, 4, 5] * 2
    assert len(tokens._remembered) == 2


def test_a_token_that_names_no_key_or_no_text_as_key_is_refused(key: SigningKey) -> None:
    for kid in (5, None, ["a"]):
        head = _encoded({"alg": "EdDSA", "kid": kid})
        with pytest.raises(InvalidToken):
            verify(f"{head}.{_encoded(_claims())}.AAAA")


def test_a_published_key_without_alg_is_accepted_by_its_type(key_server: KeyServer) -> None:
    key = SigningKey(with_alg=False)
    key_server.keys = [key.jwk]
    assert verify(key.sign(sub="9")).user_id == 9


@pytest.mark.parametrize("other", [{"alg": "ES256"}, {"alg": "HS256"}, {"use": "enc"}])
def test_a_key_published_for_something_else_is_ignored(
    key_server: KeyServer, other: dict[str, str]
) -> None:
    key = SigningKey()
    key_server.keys = [key.jwk | other, SigningKey().jwk]
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(key.sign())


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_keys_of_the_other_asymmetric_types_are_accepted(
    key_server: KeyServer, algorithm: str
) -> None:
    private: Any
    if algorithm == "ES256":
        private = ec.generate_private_key(ec.SECP256R1())
        jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key()))
    else:
        private = rsa.generate_private_key(65537, 2048)
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    key_server.keys = [{"kid": "other", "kty": jwk["kty"], **jwk}]
    token = jwt.encode(_claims(), private, algorithm=algorithm, headers={"kid": "other"})
    assert verify(token) == Caller(user_id=1, staff=True)


def test_an_rsa_key_too_short_to_trust_is_ignored(key_server: KeyServer) -> None:
    private = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is the point
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    key_server.keys = [{"kid": "short", **jwk}, SigningKey().jwk]
    token = jwt.encode(_claims(), private, algorithm="RS256", headers={"kid": "short"})
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(token)


def test_no_message_tells_the_token(key: SigningKey) -> None:
    token = key.sign(exp=1)
    with pytest.raises(InvalidToken) as caught:
        verify(token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER  abc ", "Bearer a.b-c_d="])
def test_a_bearer_token_is_found_in_its_header(header: str) -> None:
    assert bearer_token(header) in {"abc", "a.b-c_d="}


@pytest.mark.parametrize("header", [None, "", " "])
def test_no_header_and_an_empty_one_are_no_token(header: str | None) -> None:
    assert bearer_token(header) is None


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic YTpi", "abc", "Bearer a b", "Bearer é"]
)
def test_a_malformed_header_is_refused_rather_than_taken_for_none(header: str) -> None:
    with pytest.raises(InvalidToken):
        bearer_token(header)
