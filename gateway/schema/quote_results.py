"""What a mutation that changes a quote answers."""

from typing import Annotated

import strawberry

from gateway.schema.quotes import Quote
from gateway.schema.refusals import OperationInfo


@strawberry.type(description="What was done to a quote.")
class QuotePayload:
    """A quote that was changed; see docs/decisions/mutation-answers.md for why it isn't bare."""

    quote: Quote = strawberry.field(
        description="The quote as it is now, or as it was before it was deleted."
    )


QuoteResult = Annotated[
    QuotePayload | OperationInfo,
    strawberry.union("QuoteResult", description="The quote, or why nothing was done."),
]
