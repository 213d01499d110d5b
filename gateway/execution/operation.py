"""One GraphQL request, and what becomes of it."""

from dataclasses import dataclass, field
from typing import Any

from gateway.error_codes import ErrorCode


@dataclass(frozen=True)
class Operation:
    """The parameters of one GraphQL request."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What becomes the body of the response, and whether anything was executed."""

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def executed(self) -> bool:
        """Whether there is data. (No field at the root can take it all down by being null.)"""
        return self.data is not None

    def has_code(self, code: ErrorCode) -> bool:
        """Whether an error has that code."""
        return any(error["extensions"]["code"] == code for error in self.errors)

    def as_body(self) -> dict[str, Any]:
        """Return the response as GraphQL over HTTP has it: no `data` if nothing was executed."""
        body: dict[str, Any] = {"data": self.data} if self.executed else {}
        return body | ({"errors": self.errors} if self.errors else {})


def failure(message: str, code: ErrorCode) -> Outcome:
    """Return the outcome of a request that can't be executed."""
    return Outcome(errors=[{"message": message, "extensions": {"code": code}}])
