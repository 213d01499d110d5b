"""The settings of this package, read from Django's settings in one place."""

from django.conf import settings


def jwks_url() -> str:
    """`JWKS_URL`: where Quotes publishes its public keys."""
    return str(settings.JWKS_URL)


def jwks_file() -> str:
    """`JWKS_FILE`: where the last keys fetched are kept for a restart while Quotes is down.

    Absent or empty: they are kept in memory only.
    """
    return str(getattr(settings, "JWKS_FILE", None) or "")


def token_issuer() -> str:
    """`TOKEN_ISSUER`: what a token's `iss` must be; `quotes` if absent."""
    return str(getattr(settings, "TOKEN_ISSUER", "quotes"))


def account_standing() -> str:
    """`ACCOUNT_STANDING`: dotted path of what is asked for the standing of an account.

    It takes an account's id and returns its `Standing`, or `None` if the token alone decides.
    Absent or empty: the token alone always decides.
    """
    return str(getattr(settings, "ACCOUNT_STANDING", ""))
