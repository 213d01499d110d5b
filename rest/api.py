"""What both services' REST APIs are made with: how they read, respond, fail and document it."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.docs import Swagger
from ninja.openapi.schema import OpenAPISchema

from rest import documentation
from rest.problems import CONTENT_TYPE, add_problem_handlers, title_of
from rest.responses import JSONRenderer
from rest.schemas import ProblemOut
from rest.text import StrictParser

_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = {"schema": {"$ref": _REFERENCE.format(model=ProblemOut.__name__)}}


class _OfflineSwagger(Swagger):
    # what ninja shows where it is no installed app, which would be a page with files of a CDN
    template_cdn = str(documentation.PAGE)


class RestAPI(NinjaAPI):
    """A ninja API with strict input and exact times, whose errors are problem documents.

    Operations declare the errors that are their own; those that follow from what an operation
    takes (a body, parameters, a token) are documented here.
    """

    def __init__(self, *, title: str, description: str) -> None:
        super().__init__(
            title=title,
            version="1",
            description=description,
            docs=_OfflineSwagger(),
            parser=StrictParser(),
            renderer=JSONRenderer(),
            urls_namespace="api",
        )
        add_problem_handlers(self)

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return ninja's document, with each operation's errors as they really come."""
        document = super().get_openapi_schema(**options)
        schema = ProblemOut.model_json_schema(ref_template=_REFERENCE)
        document["components"]["schemas"] |= {**schema.pop("$defs"), ProblemOut.__name__: schema}
        for path in document["paths"].values():
            for operation in path.values():
                _document_errors(operation)
        return document


def _document_errors(operation: dict[str, Any]) -> None:
    declared = {int(status) for status in operation["responses"] if int(status) >= 400}
    for status in declared | _errors_of_what_it_takes(operation):
        operation["responses"][status] = {
            "description": title_of(status),
            "content": {CONTENT_TYPE: _PROBLEM},
        }
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _errors_of_what_it_takes(operation: dict[str, Any]) -> set[int]:
    # what can't be read or stored; a database that doesn't answer
    errors = {400, 503}
    places = {parameter["in"] for parameter in operation["parameters"]}
    if "path" in places:
        errors.add(404)
    if places - {"path"}:
        errors.add(422)
    if "requestBody" in operation:
        errors |= {411, 413, 415, 422}
    if "security" in operation:
        errors.add(401)
    return errors
