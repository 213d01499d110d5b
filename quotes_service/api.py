"""The REST API of Quotes: its routers, and errors that are turned into responses."""

from quotes_service.api_accounts import router as accounts
from quotes_service.api_quotes import router as quotes
from quotes_service.words import WORDS
from rest.api import RestAPI

api = RestAPI(
    title="Quotes",
    description="Quotes and accounts. Errors are `application/problem+json` with a stable `code`.",
    words=WORDS,
)
api.add_router("/quotes", quotes)
api.add_router("", accounts)
