"""Uses the client that was made of Quotes' OpenAPI document, against Quotes itself."""

import datetime
import json
import sys

url, username, password = sys.argv[1:]

from quotes_client import AuthenticatedClient, Client  # noqa: E402 - generated
from quotes_client.api.accounts import list_users, log_in, register  # noqa: E402
from quotes_client.api.quotes import create_quote, list_quotes, read_total  # noqa: E402
from quotes_client.models import LoginIn, ProblemOut, QuoteIn, RegisterIn  # noqa: E402

anybody = Client(base_url=url)
register.sync(client=anybody, body=RegisterIn(username=username, password=password))
token = log_in.sync(client=anybody, body=LoginIn(username=username, password=password))
refused = log_in.sync(client=anybody, body=LoginIn(username=username, password="wrong"))
assert isinstance(refused, ProblemOut)
somebody = AuthenticatedClient(base_url=url, token=token.token)
quote = create_quote.sync(client=somebody, body=QuoteIn(title="Simplify.", author=username))
assert isinstance(quote.created_at, datetime.datetime)
page = list_quotes.sync(client=anybody, author=username, created_after=quote.created_at)
assert [each.id for each in page.items] == [quote.id]
[user] = list_users.sync(client=somebody, username=username).items
total = read_total.sync(client=anybody, created_by=user.id).total
print(json.dumps({"code": refused.code, "total": total, "email": user.email}))
