"""The settings of Quotes; the environment is read here and nowhere else."""

import contextlib
import os
from datetime import timedelta
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

# Tokens. The first key signs; the others are published too, so that a key can be changed. Relays
# and consumers sign nothing, and need none.
JWT_PRIVATE_KEY = os.environ.get("JWT_PRIVATE_KEY", "").replace("\\n", "\n")
JWT_PRIVATE_KEY_FILE = in_checkout(os.environ.get("JWT_PRIVATE_KEY_FILE", ""))
JWT_CREATE_KEY = not PRODUCTION and not JWT_PRIVATE_KEY and not JWT_PRIVATE_KEY_FILE
TOKEN_ISSUER = "quotes"  # noqa: S105 - the name of the issuer
TOKEN_LIFETIME = timedelta(seconds=whole("TOKEN_LIFETIME_SECONDS", 15 * 60))
ACCOUNT_STANDING = "quotes_service.accounts.standing.standing_of"
# A session ends when it has not been used for so long.
SESSION_LIFETIME = timedelta(seconds=whole("SESSION_LIFETIME_SECONDS", 30 * 24 * 60 * 60))
# For so long a used refresh token is taken once more: two tabs of a browser may send it at once.
REFRESH_GRACE = timedelta(seconds=whole("REFRESH_GRACE_SECONDS", 10, least=0))
QUOTES_URL = service_url("QUOTES_URL", "http://127.0.0.1:8001")
LIKES_URL = service_url("LIKES_URL", "http://127.0.0.1:8002")  # for audits and restores
JWKS_URL = service_url("JWKS_URL", f"{QUOTES_URL}/.well-known/jwks.json")
# Written by Quotes when it starts, so that it needs not ask itself for its own keys.
JWKS_FILE = in_checkout(os.environ.get("JWKS_FILE") or str(VAR_DIR / "jwks.json"))

if PRODUCTION:
    check_production(debug=DEBUG, secret_key=SECRET_KEY, allowed_hosts=ALLOWED_HOSTS)
elif not JWT_PRIVATE_KEY_FILE:
    JWT_PRIVATE_KEY_FILE = str(VAR_DIR / "jwt_private_key.pem")
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]", "quotes", "testserver"]

# How often a password may be guessed wrong, per account and per address, and how often an address
# may register, as in `10/minute` or `60/hour`. A trial registers as many as it likes.
LOGIN_RATE = rate("LOGIN_RATE", "10/minute")
LOGIN_ADDRESS_RATE = rate("LOGIN_ADDRESS_RATE", "100/minute")
REGISTRATION_RATE = rate("REGISTRATION_RATE", "60/hour" if PRODUCTION else "")
# Who is believed where a user is (X-Forwarded-For): the gateway, or all users were one address.
TRUSTED_FORWARDERS = networks("TRUSTED_FORWARDERS", "127.0.0.0/8,::1")
# Where they are counted: `memory://` for each process by itself, or a `redis://` address.
RATE_LIMIT_STORAGE = rate_limit_storage("RATE_LIMIT_STORAGE")

# The demo accounts that `seed_demo` makes; it refuses to run in production.
DEMO_PASSWORD = os.environ.get("DEMO_PASSWORD") or "wise-words-2026"

INSTALLED_APPS = [*service_settings.APPS, "messaging", "quotes_service"]
MIDDLEWARE = service_settings.MIDDLEWARE
ROOT_URLCONF = "quotes_service.urls"
WSGI_APPLICATION = "quotes_service.wsgi.application"
TEMPLATES = service_settings.TEMPLATES

DATABASE_URL = in_checkout(
    os.environ.get("QUOTES_DATABASE_URL")
    or os.environ.get("DATABASE_URL")
    or f"sqlite:///{VAR_DIR / 'quotes.sqlite3'}"
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

AUTH_USER_MODEL = "quotes_service.User"
AUTHENTICATION_BACKENDS = ["quotes_service.accounts.authentication.AccountBackend"]
PASSWORD_HASHERS = ["quotes_service.accounts.hashers.OwaspArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = service_settings.PASSWORD_VALIDATORS

BROKER_URL = in_checkout(os.environ.get("BROKER_URL") or f"sqlite:///{VAR_DIR / 'broker.sqlite3'}")
MESSAGING = {
    "SOURCE": "/quotes",
    "QUEUE": "quotes",
    "BINDINGS": ["likes.like.*"],
    "HANDLERS": "quotes_service.handlers.HANDLERS",
    "CHORE": "quotes_service.accounts.sessions.prune",
    "HEARD_BY_OTHERS": "quotes_service.clients.heard_by_likes",
    # What subscribers hear of, and what ends their tokens. Counts are there for them alone.
    "LOGGED": [
        "quotes.quote.created",
        "quotes.quote.updated",
        "quotes.quote.deleted",
        "quotes.user.*",
    ],
    "ONLY_LOGGED": ["quotes.quote.counted"],
    "SCHEMAS": BASE_DIR / "event_schemas",
    "AMQP_FAST": flag("AMQP_FAST", True),
}

LOGGING = logging_config(json_lines=logs_as_json(), level=log_level())
recording.start(
    os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or "",
    "quotes",
    ratio=share("OTEL_TRACES_SAMPLER_ARG", 0.1),
)
LOG_REQUESTS = logs_as_json()
DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000  # bytes; the largest useful body is some 4 kB

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# TLS ends at a proxy in front: these are for the deployment that says it has one.
SECURE_HSTS_SECONDS = whole("SECURE_HSTS_SECONDS", 0, least=0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("SECURE_COOKIES", False)
SESSION_COOKIE_NAME = "quotes_session"  # the services share a host name, so a cookie jar
CSRF_COOKIE_NAME = "quotes_csrf"
CSRF_TRUSTED_ORIGINS = origins("CSRF_TRUSTED_ORIGINS", wildcards=True)
if flag("TRUST_PROXY_HEADERS", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STATIC_URL = "/static/"
STATICFILES_DIRS = [documentation.STATIC_FILES]
# Files are served from where they lie, so that nothing has to be collected before a start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
