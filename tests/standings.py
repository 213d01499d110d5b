"""Who may act: the cases that every service that takes writes must judge alike."""

from dataclasses import dataclass
from enum import Enum

NOT_ACTIVE = "The account of this token is not active."
ENDED = "The token has been ended. Log in again."


class Change(Enum):
    """What became of an account, or of its tokens, after a token of it was issued."""

    NOTHING = "nothing"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"
    TOKENS_ENDED = "its tokens were ended"
    DEMOTED = "no longer staff"
    PROMOTED = "made staff"
    EMAIL = "another e-mail address"


@dataclass(frozen=True)
class Case:
    """An account and what is expected of a token that was issued before the change."""

    change: Change
    staff: bool = False  # before
    refused: str = ""  # the whole text of the refusal, if its writes are refused
    acts_as_staff: bool = False

    def __str__(self) -> str:
        return f"{'staff' if self.staff else 'user'}: {self.change.value}"


CASES = [
    Case(Change.NOTHING),
    Case(Change.NOTHING, staff=True, acts_as_staff=True),
    Case(Change.EMAIL, staff=True, acts_as_staff=True),
    Case(Change.DEACTIVATED, refused=NOT_ACTIVE),
    Case(Change.DEACTIVATED, staff=True, refused=NOT_ACTIVE),
    Case(Change.DELETED, refused=NOT_ACTIVE),
    Case(Change.TOKENS_ENDED, refused=ENDED),
    Case(Change.TOKENS_ENDED, staff=True, refused=ENDED),
    Case(Change.DEMOTED, staff=True),
    Case(Change.PROMOTED, acts_as_staff=True),
]
