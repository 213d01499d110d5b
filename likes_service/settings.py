"""The settings of Likes; the environment is read here and nowhere else."""

import contextlib
import os
from pathlib import Path

from database.configuration import database
from observability import recording
from observability.logs import log_level, logging_config, logs_as_json
from rest import documentation, service_settings
from web.configuration import (
    check_production,
    flag,
    in_checkout,
    listed,
    networks,
    origins,
    production,
    rate,
    rate_limit_storage,
    service_url,
    share,
    whole,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
_DEVELOPMENT_SECRET = "development-only-not-a-secret"  # noqa: S105 - refused in production below

PRODUCTION = production()
DEBUG = flag("DJANGO_DEBUG", False)
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or _DEVELOPMENT_SECRET
ALLOWED_HOSTS = listed("ALLOWED_HOSTS")

# Quotes is asked for its public keys, and for a quote that the replica doesn't have yet.
QUOTES_URL = service_url("QUOTES_URL", "http://127.0.0.1:8001")
TOKEN_ISSUER = "quotes"  # noqa: S105 - the name of the issuer
JWKS_URL = service_url("JWKS_URL", f"{QUOTES_URL}/.well-known/jwks.json")
# Where the keys are kept, so that tokens are verified after a restart while Quotes is down.
JWKS_FILE = in_checkout(os.environ.get("JWKS_FILE") or str(VAR_DIR / "likes_jwks.json"))
# Whoever may not act any more is known by the replica of the accounts.
ACCOUNT_STANDING = "identity.accounts.standing_of"

if PRODUCTION:
    check_production(debug=DEBUG, secret_key=SECRET_KEY, allowed_hosts=ALLOWED_HOSTS)
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]", "likes", "testserver"]

INSTALLED_APPS = [*service_settings.APPS, "messaging", "identity", "likes_service"]
MIDDLEWARE = service_settings.MIDDLEWARE
ROOT_URLCONF = "likes_service.urls"
WSGI_APPLICATION = "likes_service.wsgi.application"
TEMPLATES = service_settings.TEMPLATES

DATABASE_URL = in_checkout(
    os.environ.get("LIKES_DATABASE_URL")
    or os.environ.get("DATABASE_URL")
    or f"sqlite:///{VAR_DIR / 'likes.sqlite3'}"
)
DATABASES = {
    # Connections per process: one per busy thread.
    "default": database(DATABASE_URL, pool_size=whole("DATABASE_POOL_SIZE", 10))
}
with contextlib.suppress(OSError):  # a read-only image has no use for it
    VAR_DIR.mkdir(exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

# These accounts are for the admin of Likes alone; its callers have theirs in Quotes.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = service_settings.PASSWORD_VALIDATORS
# Of the account that `seed_demo` makes; it refuses to run in production.
DEMO_PASSWORD = os.environ.get("DEMO_PASSWORD") or "wise-words-2026"
# How often a password of the admin may be guessed wrong, per account and per address.
LOGIN_RATE = rate("LOGIN_RATE", "10/minute")
LOGIN_ADDRESS_RATE = rate("LOGIN_ADDRESS_RATE", "100/minute")
# Who is believed where a user is (X-Forwarded-For): a proxy in front of the admin.
TRUSTED_FORWARDERS = networks("TRUSTED_FORWARDERS", "127.0.0.0/8,::1")
# Where they are counted: `memory://` for each process by itself, or a `redis://` address.
RATE_LIMIT_STORAGE = rate_limit_storage("RATE_LIMIT_STORAGE")

BROKER_URL = in_checkout(os.environ.get("BROKER_URL") or f"sqlite:///{VAR_DIR / 'broker.sqlite3'}")
MESSAGING = {
    "SOURCE": "/likes",
    "QUEUE": "likes",
    "BINDINGS": ["quotes.quote.*", "quotes.user.*"],
    "HANDLERS": "likes_service.handlers.HANDLERS",
    "HEARD_BY_OTHERS": "likes_service.clients.heard_by_quotes",
    "CHORE": "likes_service.withdrawing.withdraw",
    "SCHEMAS": BASE_DIR / "event_schemas",
    "AMQP_FAST": flag("AMQP_FAST", True),
}

LOGGING = logging_config(json_lines=logs_as_json(), level=log_level())
recording.start(
    os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or "",
    "likes",
    ratio=share("OTEL_TRACES_SAMPLER_ARG", 0.1),
)
LOG_REQUESTS = logs_as_json()
DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000  # bytes; the largest useful body is some 2 kB

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# TLS ends at a proxy in front: these are for the deployment that says it has one.
SECURE_HSTS_SECONDS = whole("SECURE_HSTS_SECONDS", 0, least=0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("SECURE_COOKIES", False)
SESSION_COOKIE_NAME = "likes_session"  # the services share a host name, so a cookie jar
CSRF_COOKIE_NAME = "likes_csrf"
CSRF_TRUSTED_ORIGINS = origins("CSRF_TRUSTED_ORIGINS", wildcards=True)
if flag("TRUST_PROXY_HEADERS", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STATIC_URL = "/static/"
STATICFILES_DIRS = [documentation.STATIC_FILES]
# Files are served from where they lie, so that nothing has to be collected before a start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
