"""What can go wrong while a caller is identified.

IdentityError
├── InvalidToken       the caller's fault: a 401
└── KeysUnavailable    ours: Quotes can't be asked for its keys, and none are known
"""


class IdentityError(Exception):
    """Base of this package's errors. Its message holds no secrets and may be shown."""


class InvalidToken(IdentityError):
    """The token is not one that Quotes signed, or no longer holds."""


class KeysUnavailable(IdentityError):
    """No public keys are known and Quotes doesn't answer, so no token can be judged."""
