"""What a mutation that changes a quote answers."""

from typing import Annotated

import strawberry

from gateway.schema.quotes import Quote
from gateway.schema.refusals import OperationInfo

QuoteResult = Annotated[
    Quote | OperationInfo,
    strawberry.union("QuoteResult", description="The quote, or why nothing was done."),
]
