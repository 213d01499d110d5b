"""The orders in which quotes are listed."""

from enum import Enum
from typing import Annotated

import strawberry


@strawberry.enum(description="In which order quotes are listed.")
class QuoteOrder(Enum):
    """The orders of `quotes`, named as Quotes names them."""

    NEWEST = strawberry.enum_value("newest", description="The last one written first.")
    OLDEST = strawberry.enum_value("oldest", description="The first one written first.")
    MOST_LIKED = strawberry.enum_value(
        "most_liked", description="The most likes first; of equal ones the newer first."
    )


OrderBy = Annotated[
    QuoteOrder | None,
    strawberry.argument(description="In which order; null is the default, too."),
]
