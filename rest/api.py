"""What both services' REST APIs are made with: how they read, respond, fail and document it."""

from collections.abc import Mapping
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.docs import Swagger
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from rest import documentation
from rest.openapi import Word, complete
from rest.problems import add_problem_handlers
from rest.responses import JSONRenderer
from rest.text import StrictParser


class _OfflineSwagger(Swagger):
    # what ninja shows where it is no installed app, which would be a page with files of a CDN
    template_cdn = str(documentation.PAGE)


class RestAPI(NinjaAPI):
    """A ninja API with strict input and exact times, whose errors are problem documents.

    Operations declare the errors that are their own; those that follow from what an operation
    takes (a body, parameters, a token) are documented here.
    """

    def __init__(self, *, title: str, description: str, words: Mapping[str, Word]) -> None:
        """Take a name, what it is for, and what each parameter and member of a body means."""
        super().__init__(
            title=title,
            version="1",
            description=description,
            docs=_OfflineSwagger(),
            parser=StrictParser(),
            renderer=JSONRenderer(),
            urls_namespace="api",
            servers=[{"url": "/", "description": "Where this document is."}],
        )
        self._words = words
        add_problem_handlers(self)

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return ninja's document, with each operation's errors as they really come."""
        document = super().get_openapi_schema(**options)
        complete(document, self._words)
        return document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the short name by which generated clients call an operation."""
        return operation.view_func.__name__
