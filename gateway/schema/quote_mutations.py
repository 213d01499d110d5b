"""Writing, changing and deleting quotes."""

from collections.abc import Mapping
from typing import Annotated

import strawberry

from gateway.context import Info
from gateway.error_codes import ErrorCode
from gateway.errors import Refusal
from gateway.schema.quote_results import QuoteResult
from gateway.schema.quotes import Quote, quote_of
from gateway.schema.refusals import (
    given,
    invalid_field,
    mutation,
    number_in,
    require_token,
)
from gateway.upstream.services import QUOTES
from gateway.upstream.shapes import QuoteShape

MAX_IDEMPOTENCY_KEY = 255  # characters; what Quotes takes
EXPECTED_VERSION = (
    "The `version` that the caller has seen; if it is another by now, nothing is done, and the "
    "answer is a CONFLICT. Without it, whatever is there is changed."
)


@strawberry.input(description="A quote to be written.")
class CreateQuoteInput:
    """The input of `createQuote`."""

    title: str = strawberry.field(description="Its text: 1 to 500 characters.")
    author: str | None = strawberry.field(
        default=strawberry.UNSET, description="Who said it: up to 100 characters."
    )
    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="1 to 255 visible ASCII characters of the client's choice. Sent again with "
        "the same quote, it answers the quote that was made, and makes no second one.",
    )


@strawberry.input(description="What to change of a quote. What isn't given stays.")
class UpdateQuoteInput:
    """The input of `updateQuote`."""

    id: strawberry.ID = strawberry.field(description="Which quote.")
    title: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its new text: 1 to 500 characters."
    )
    author: str | None = strawberry.field(
        default=strawberry.UNSET, description="Who said it; null if nobody knows any more."
    )
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description=EXPECTED_VERSION
    )


@strawberry.input(description="Which quote to delete.")
class DeleteQuoteInput:
    """The input of `deleteQuote`."""

    id: strawberry.ID = strawberry.field(description="Which quote.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description=EXPECTED_VERSION
    )


@strawberry.type
class QuoteMutation:
    """What can be done with quotes."""

    @mutation(description="Write a quote.")
    def create_quote(
        self,
        info: Info,
        input: Annotated[CreateQuoteInput, strawberry.argument(description="The quote.")],
    ) -> QuoteResult | None:
        require_token(info)
        key = input.idempotency_key or None
        if key is not None and not _is_header_text(key):
            raise invalid_field(
                "idempotency_key",
                ErrorCode.INVALID,
                f"Must be 1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters.",
            )
        decoded = info.context.services.send(
            QUOTES,
            "POST",
            "/quotes",
            QuoteShape,
            given(title=input.title, author=input.author),
            idempotency_key=key,
        )
        return quote_of(info.context, decoded)

    @mutation(description="Change a quote; its writer and staff may.")
    def update_quote(
        self,
        info: Info,
        input: Annotated[UpdateQuoteInput, strawberry.argument(description="The changes.")],
    ) -> QuoteResult | None:
        changes = given(title=input.title, author=input.author)
        return _change(info, "PATCH", input, changes)

    @mutation(
        description="Delete a quote; its writer and staff may. Answers the quote as it was.",
    )
    def delete_quote(
        self,
        info: Info,
        input: Annotated[DeleteQuoteInput, strawberry.argument(description="Which quote.")],
    ) -> QuoteResult | None:
        return _change(info, "DELETE", input)


def _change(
    info: Info,
    method: str,
    input: UpdateQuoteInput | DeleteQuoteInput,
    changes: Mapping[str, object] | None = None,
) -> Quote:
    """Change a quote that is there, unless its version is another than expected."""
    require_token(info)
    version = input.expected_version
    try:
        decoded = info.context.services.send(
            QUOTES,
            method,
            f"/quotes/{number_in(input.id, 'Quote', 'id')}",
            QuoteShape,
            changes,
            expected_version=None if version is strawberry.UNSET else version,
        )
    except Refusal as refusal:
        if isinstance(refusal.current, QuoteShape):
            refusal.current = quote_of(info.context, refusal.current)
        raise
    return quote_of(info.context, decoded)


def _is_header_text(key: str) -> bool:
    return len(key) <= MAX_IDEMPOTENCY_KEY and all("!" <= character <= "~" for character in key)
