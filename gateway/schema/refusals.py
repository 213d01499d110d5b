"""What all mutations have in common: a service's refusal is data, with a stable code."""

import functools
from collections.abc import Callable
from enum import Enum
from typing import Any

import strawberry
import strawberry_django
from strawberry.utils.str_converters import to_camel_case

from gateway.context import Info
from gateway.error_codes import ErrorCode
from gateway.errors import FieldProblem, Refusal
from gateway.schema.ids import IdOfAnotherType, Node, number_of


@strawberry.enum(
    description="What sort of reason it is: VALIDATION for input, PERMISSION for the caller, "
    "else ERROR."
)
class OperationMessageKind(Enum):
    """What sort of reason a refusal has."""

    INFO = strawberry.enum_value(
        "info", description="Something worth knowing. Not given by any operation here."
    )
    WARNING = strawberry.enum_value(
        "warning", description="Something to mind. Not given by any operation here."
    )
    ERROR = strawberry.enum_value(
        "error",
        description="The operation can't be done as things are: there is no such quote, for "
        "example.",
    )
    PERMISSION = strawberry.enum_value(
        "permission", description="The caller may not do it, or has to log in first."
    )
    VALIDATION = strawberry.enum_value(
        "validation",
        description="The input is wrong, or was used before; `field` tells which, if it is one.",
    )


_codes = strawberry.enum(
    ErrorCode, description="What went wrong, for programs; `extensions.code` of an error is one."
)
for _value in _codes.__strawberry_definition__.values:  # type: ignore[attr-defined]  # added there
    _value.description = ErrorCode[_value.value].description


@strawberry.type(description="One reason why an operation was refused.")
class OperationMessage:
    """One reason of a refusal."""

    kind: OperationMessageKind = strawberry.field(description="What sort of reason it is.")
    code: ErrorCode = strawberry.field(description="The reason, for programs.")
    message: str = strawberry.field(description="The reason, in sentences for people.")
    field: str | None = strawberry.field(
        description="Which field of the input it is about; null if it is about none."
    )
    retry_after: int | None = strawberry.field(
        description="In how many seconds it may be tried again; null if time doesn't help."
    )


@strawberry.type(description="Why an operation was refused. Nothing was changed.")
class OperationInfo:
    """A refusal."""

    messages: list[OperationMessage] = strawberry.field(
        description="The reasons: one at least, and one for each field that is wrong."
    )
    current: Node | None = strawberry.field(
        description="Of a CONFLICT: what was to be changed, as it is now. Else null."
    )


def mutation(*, description: str) -> Callable[[Callable[..., Any]], Any]:
    """Make a mutation of a resolver, which raises `Refusal` where nothing is done."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        @functools.wraps(resolver)
        def resolve(self: object, info: Info, **arguments: Any) -> Any:
            info.context.forget_batches()  # what was read before is about to be old
            try:
                return resolver(self, info, **arguments)
            except Refusal as refusal:
                return _as_data(refusal)

        return strawberry_django.mutation(resolve, description=description)

    return decorate


def require_token(info: Info) -> None:
    """Raise Refusal for a caller who is nobody."""
    if not info.context.has_token:
        raise Refusal(ErrorCode.NOT_AUTHENTICATED, "Log in first, and send the token.")


def number_in(id: strawberry.ID, type_name: str, field: str) -> int:
    """Return the number of a thing of that type. Raise Refusal for an `ID` that none can have."""
    try:
        number = number_of(id, type_name, argument=to_camel_case(field))
    except IdOfAnotherType as error:
        raise invalid_field(field, ErrorCode.INVALID, str(error)) from None
    if number is None:
        raise Refusal(ErrorCode.NOT_FOUND, f"There is no such {type_name.lower()}.")
    return number


def given(**values: object) -> dict[str, object]:
    """Return those values that the client gave, be it null."""
    return {name: value for name, value in values.items() if value is not strawberry.UNSET}


def invalid_field(field: str, code: ErrorCode, message: str) -> Refusal:
    """Return the refusal for one field that is wrong in a way only the gateway can know."""
    return Refusal(ErrorCode.VALIDATION_ERROR, message, [FieldProblem(field, code, message)])


def _as_data(refusal: Refusal) -> OperationInfo:
    of_key = refusal.code is ErrorCode.IDEMPOTENCY_KEY_REUSED
    whole = FieldProblem("idempotency_key" if of_key else None, refusal.code, refusal.detail)
    kind = _KINDS.get(refusal.code, OperationMessageKind.ERROR)
    is_of_fields = kind is OperationMessageKind.VALIDATION and refusal.problems
    return OperationInfo(
        messages=[
            OperationMessage(
                kind=kind,
                code=problem.code,
                message=_sentence(problem.message),
                field=_graphql_name(problem.field),
                retry_after=refusal.retry_after,
            )
            for problem in (refusal.problems if is_of_fields else [whole])
        ],
        current=refusal.current if isinstance(refusal.current, Node) else None,
    )


_KINDS = {
    ErrorCode.NOT_AUTHENTICATED: OperationMessageKind.PERMISSION,
    ErrorCode.INVALID_TOKEN: OperationMessageKind.PERMISSION,
    ErrorCode.INVALID_CREDENTIALS: OperationMessageKind.PERMISSION,
    ErrorCode.INVALID_REFRESH_TOKEN: OperationMessageKind.PERMISSION,
    ErrorCode.PERMISSION_DENIED: OperationMessageKind.PERMISSION,
    ErrorCode.INVALID_REQUEST: OperationMessageKind.VALIDATION,
    ErrorCode.VALIDATION_ERROR: OperationMessageKind.VALIDATION,
    ErrorCode.TOO_LARGE: OperationMessageKind.VALIDATION,
    ErrorCode.IDEMPOTENCY_KEY_REUSED: OperationMessageKind.VALIDATION,
}


def _sentence(message: str) -> str:
    """Return a sentence: the services' reasons read on from a field, as in "must not be blank"."""
    text = message[:1].upper() + message[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _graphql_name(field: str | None) -> str | None:
    """Return the GraphQL name of a field of REST, be it a header's."""
    return to_camel_case(field.replace("-", "_").lower()) if field else None
