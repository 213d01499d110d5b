"""The WSGI door: `granian --interface wsgi likes_service.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "likes_service.settings")

application = get_wsgi_application()
