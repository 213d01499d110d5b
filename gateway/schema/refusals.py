"""What all mutations have in common: a service's refusal is data, with a stable code."""

import functools
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import strawberry
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    PermissionDenied,
    ValidationError,
)
from strawberry.types import get_object_definition
from strawberry_django.fields.types import OperationInfo, OperationMessage

from gateway.context import Info
from gateway.errors import ErrorCode, FieldProblem, Refusal

F = TypeVar("F", bound=Callable[..., Any])

# strawberry-django describes the fields of these types, but neither the types nor the kinds.
for _type, _description in (
    (OperationInfo, "Why an operation was refused. Nothing was changed."),
    (OperationMessage, "One reason why an operation was refused, with a `code` for programs."),
):
    get_object_definition(_type, strict=True).description = _description
_kind: Any = OperationMessage.Kind
_kind.__strawberry_definition__.description = (
    "What sort of reason it is: VALIDATION for input, PERMISSION for the caller, else ERROR."
)
_KINDS = {
    "INFO": "Something worth knowing. Not given by any operation here.",
    "WARNING": "Something to mind. Not given by any operation here.",
    "ERROR": "The operation can't be done as things are: there is no such quote, for example.",
    "PERMISSION": "The caller may not do it, or has to log in first.",
    "VALIDATION": "The input is wrong, or was used before; `field` tells which, if it is one.",
}
for _value in _kind.__strawberry_definition__.values:
    _value.description = _KINDS[_value.name]


class Denied(PermissionDenied):
    """The caller may not do that; `code` says why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Missing(ObjectDoesNotExist):
    """There is no such thing; `code` says which kind of nothing."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def refusals_as_data(resolver: F) -> F:
    """Wrap a mutation's resolver so that `handle_django_errors` finds refusals as Django's own."""

    @functools.wraps(resolver)
    def resolve(self: object, info: Info, **arguments: Any) -> Any:
        info.context.forget_batches()
        try:
            return resolver(self, info, **arguments)
        except Refusal as refusal:
            _raise_as_django_error(refusal)

    return resolve  # type: ignore[return-value]  # same signature, as wraps() says


def require_token(info: Info) -> None:
    """Refuse a caller who is nobody."""
    if not info.context.has_token:
        raise Refusal(
            401, ErrorCode.NOT_AUTHENTICATED.of_refusal, "Log in first, and send the token.", []
        )


def quote_not_found() -> Refusal:
    """The refusal for an `ID` that no quote can have."""
    return Refusal(404, ErrorCode.NOT_FOUND.of_refusal, "There is no such quote.", [])


def given(**values: object) -> dict[str, object]:
    """Answer those values that the client gave, be it null."""
    return {name: value for name, value in values.items() if value is not strawberry.UNSET}


def invalid_field(field: str, code: str, message: str) -> Refusal:
    """The refusal for one field that is wrong in a way only the gateway can tell."""
    return Refusal(
        422, ErrorCode.VALIDATION_ERROR.of_refusal, message, [FieldProblem(field, code, message)]
    )


def _raise_as_django_error(refusal: Refusal) -> NoReturn:
    if refusal.status in {401, 403}:
        raise Denied(refusal.detail, refusal.code) from refusal
    if refusal.status == 404:
        raise Missing(refusal.detail, refusal.code) from refusal
    if not refusal.problems:
        field = "idempotency_key" if refusal.code.startswith("idempotency_key") else None
        raise ValidationError(
            {field or NON_FIELD_ERRORS: [ValidationError(refusal.detail, code=refusal.code)]}
        ) from refusal
    errors: dict[str, list[ValidationError]] = {}
    for problem in refusal.problems:
        field = _field(problem.field)
        errors.setdefault(field, []).append(ValidationError(problem.message, code=problem.code))
    raise ValidationError(errors) from refusal


def _field(name: str | None) -> str:
    """Answer a REST field's Python name; strawberry-django makes the GraphQL name of it."""
    return name.replace("-", "_").lower() if name else NON_FIELD_ERRORS
