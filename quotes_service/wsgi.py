"""The WSGI door: `granian --interface wsgi quotes_service.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from observability.exposition import workers
from web.environment import load
from web.parent import end_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quotes_service.settings")
load()

application = get_wsgi_application()
workers.share()
end_with_server()

# A missing or wrong signing key must show when the process starts, not at the first login.
from quotes_service.accounts.tokens import write_jwks_file  # noqa: E402 - Django must be set up first

write_jwks_file()
