"""The REST API of Quotes: where its routers are mounted and its errors are turned into answers."""

from ninja import NinjaAPI

from quotes_service.api_accounts import router as accounts
from quotes_service.api_quotes import router as quotes
from rest.answers import JSONRenderer
from rest.problems import add_problem_handlers
from rest.text import StrictParser

api = NinjaAPI(
    title="Quotes",
    version="1",
    description="Quotes and accounts. Errors are `application/problem+json` with a stable `code`.",
    parser=StrictParser(),
    renderer=JSONRenderer(),
    urls_namespace="api",
)
add_problem_handlers(api)
api.add_router("/quotes", quotes)
api.add_router("", accounts)
