"""The WSGI door: `granian --interface wsgi likes_service.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from observability.exposition import workers
from web.environment import load
from web.parent import end_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "likes_service.settings")
load()

application = get_wsgi_application()
workers.share()
end_with_server()
