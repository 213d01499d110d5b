"""What all mutations have in common: a service's refusal is data, with a stable code."""

import functools
from collections.abc import Callable
from enum import Enum
from typing import Any

import strawberry
import strawberry_django
from strawberry.utils.str_converters import to_camel_case

from gateway.context import Info
from gateway.errors import ErrorCode, FieldProblem, Refusal
from gateway.schema.ids import IdOfAnotherType, number_of


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


@strawberry.type(description="One reason why an operation was refused, with a `code` for programs.")
class OperationMessage:
    """One reason of a refusal."""

    kind: OperationMessageKind = strawberry.field(description="The kind of this message.")
    message: str = strawberry.field(description="The error message.")
    field: str | None = strawberry.field(
        description="The field that caused the error, or `null` if it isn't associated with any "
        "particular field."
    )
    code: str | None = strawberry.field(
        description="The error code, or `null` if no error code was set."
    )


@strawberry.type(description="Why an operation was refused. Nothing was changed.")
class OperationInfo:
    """A refusal."""

    messages: list[OperationMessage] = strawberry.field(
        description="List of messages returned by the operation."
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
        raise Refusal(
            401, ErrorCode.NOT_AUTHENTICATED.of_refusal, "Log in first, and send the token.", []
        )


def number_of_quote(id: strawberry.ID, field: str) -> int:
    """Return the number of a quote. Raise Refusal for an `ID` that no quote can have."""
    try:
        number = number_of(id, "Quote", argument=to_camel_case(field))
    except IdOfAnotherType as error:
        raise invalid_field(field, ErrorCode.INVALID, str(error)) from None
    if number is None:
        raise Refusal(404, ErrorCode.NOT_FOUND.of_refusal, "There is no such quote.", [])
    return number


def given(**values: object) -> dict[str, object]:
    """Return those values that the client gave, be it null."""
    return {name: value for name, value in values.items() if value is not strawberry.UNSET}


def invalid_field(field: str, code: ErrorCode, message: str) -> Refusal:
    """Return the refusal for one field that is wrong in a way only the gateway can know."""
    problem = FieldProblem(field, code.of_refusal, message)
    return Refusal(422, ErrorCode.VALIDATION_ERROR.of_refusal, message, [problem])


def _as_data(refusal: Refusal) -> OperationInfo:
    kind = _kind_of(refusal)
    if kind is not OperationMessageKind.VALIDATION or not refusal.problems:
        of_key = refusal.code == ErrorCode.IDEMPOTENCY_KEY_REUSED.of_refusal
        field = "idempotencyKey" if of_key else None
        message = OperationMessage(
            kind=kind, message=refusal.detail, field=field, code=refusal.code
        )
        return OperationInfo(messages=[message])
    return OperationInfo(
        messages=[
            OperationMessage(
                kind=kind,
                message=problem.message,
                field=_graphql_name(problem.field),
                code=problem.code,
            )
            for problem in refusal.problems
        ]
    )


def _kind_of(refusal: Refusal) -> OperationMessageKind:
    if refusal.status in {401, 403}:
        return OperationMessageKind.PERMISSION
    return OperationMessageKind.ERROR if refusal.status == 404 else OperationMessageKind.VALIDATION


def _graphql_name(field: str | None) -> str | None:
    """Return the GraphQL name of a field of REST, be it a header's."""
    return to_camel_case(field.replace("-", "_").lower()) if field else None
