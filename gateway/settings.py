"""The gateway's settings; the environment is read here and nowhere else."""

import os
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from observability import recording
from observability.logs import log_level, logging_config, logs_as_json
from web.configuration import (
    EVERYWHERE,
    check_production,
    flag,
    in_checkout,
    listed,
    number,
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
# Django's own error pages show our insides to whoever asks; what went wrong is in the log.
DEBUG = False
_DEBUG_ASKED = flag("DJANGO_DEBUG", False)  # what the services may show their developers
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or _DEVELOPMENT_SECRET
ALLOWED_HOSTS = listed("ALLOWED_HOSTS")
if PRODUCTION:
    check_production(debug=_DEBUG_ASKED, secret_key=SECRET_KEY, allowed_hosts=ALLOWED_HOSTS)
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]", "gateway", "testserver"]

# The services, and how long they may take
QUOTES_URL = service_url("QUOTES_URL", "http://127.0.0.1:8001")
LIKES_URL = service_url("LIKES_URL", "http://127.0.0.1:8002")
# Who makes the calls: a fast transport of our own, or the library `requests`.
UPSTREAM_TRANSPORT = os.environ.get("UPSTREAM_TRANSPORT") or "fast"
if UPSTREAM_TRANSPORT not in {"fast", "requests"}:
    raise ImproperlyConfigured(
        f"UPSTREAM_TRANSPORT must be fast or requests, not {UPSTREAM_TRANSPORT!r}."
    )
# A service on the same network accepts in a millisecond; one that doesn't in a second is down.
UPSTREAM_CONNECT_TIMEOUT = timedelta(seconds=number("UPSTREAM_CONNECT_TIMEOUT", 1))
# With one silent service, the whole response must come within two seconds.
UPSTREAM_READ_TIMEOUT = timedelta(seconds=number("UPSTREAM_READ_TIMEOUT", 1.5))
# Whoever hears nothing of a write doesn't know whether it was made, so it is worth waiting for.
UPSTREAM_WRITE_TIMEOUT = timedelta(seconds=number("UPSTREAM_WRITE_TIMEOUT", 10))
# All calls of one request together; what has not been asked by then is not asked any more.
REQUEST_BUDGET = timedelta(seconds=number("REQUEST_BUDGET", 20))
# A service that timed out so often in a row is left alone for so long.
BREAKER_FAILURES = whole("BREAKER_FAILURES", 5)
BREAKER_PAUSE = timedelta(seconds=number("BREAKER_PAUSE", 5))
# A page of 100 quotes is some 40 kB. More than this is no response of ours.
UPSTREAM_MAX_BYTES = whole("UPSTREAM_MAX_BYTES", 10_000_000)

# Tokens
JWKS_URL = service_url("JWKS_URL", f"{QUOTES_URL}/.well-known/jwks.json")
JWKS_FILE = in_checkout(os.environ.get("JWKS_FILE") or str(VAR_DIR / "gateway_jwks.json"))
TOKEN_ISSUER = "quotes"  # noqa: S105 - the name of the issuer

# Whether documents are compiled once into functions; else graphql-core interprets each anew.
GRAPHQL_COMPILED = flag("GRAPHQL_COMPILED", True)
# Limits of one GraphQL request; the deepest useful query of this schema is 8 deep and 150 tokens
GRAPHQL_MAX_BYTES = whole("GRAPHQL_MAX_BYTES", 100_000)
GRAPHQL_MAX_TOKENS = whole("GRAPHQL_MAX_TOKENS", 2_000)
GRAPHQL_MAX_DEPTH = whole("GRAPHQL_MAX_DEPTH", 10)
GRAPHQL_MAX_ALIASES = whole("GRAPHQL_MAX_ALIASES", 15)
GRAPHQL_MAX_ROOT_FIELDS = whole("GRAPHQL_MAX_ROOT_FIELDS", 10)
# Each mutation is a write to a service: a few in a row are useful, a hundred are an attack.
GRAPHQL_MAX_MUTATIONS = whole("GRAPHQL_MAX_MUTATIONS", 4)
# Quotes, likes and users that a request may fetch: a page of 100 with ten likers each, and some.
GRAPHQL_MAX_COST = whole("GRAPHQL_MAX_COST", 2_000)
# Operations in one request, as a JSON array; one is no batch, and is the default.
GRAPHQL_MAX_BATCH = whole("GRAPHQL_MAX_BATCH", 1)
# Requests of one caller, or of one address without a login, as in `600/minute`; none by default.
REQUEST_RATE = rate("REQUEST_RATE", "")
RATE_LIMIT_STORAGE = rate_limit_storage("RATE_LIMIT_STORAGE")
# Documents that are known by a hash: a JSON file or a folder; and whether no other is executed.
PERSISTED_OPERATIONS = in_checkout(os.environ.get("PERSISTED_OPERATIONS", ""))
PERSISTED_OPERATIONS_ONLY = flag("PERSISTED_OPERATIONS_ONLY", False)
# Documents that clients may register in each process; in bytes, see `web/persisted_operations.py`.
AUTOMATIC_PERSISTED_QUERIES = whole("AUTOMATIC_PERSISTED_QUERIES", 1_000)
if PERSISTED_OPERATIONS_ONLY and not PERSISTED_OPERATIONS:
    raise ImproperlyConfigured("PERSISTED_OPERATIONS_ONLY needs PERSISTED_OPERATIONS.")
# Whether the schema is a subgraph of Apollo Federation: it then has `_service` and `_entities`.
GRAPHQL_SUBGRAPH = flag("GRAPHQL_SUBGRAPH", False)

# Live subscriptions: where they are served, and all else, as clients see it; `/` is on one host
LIVE_URL = (os.environ.get("LIVE_URL") or "http://127.0.0.1:8003").rstrip("/") + "/graphql"
GATEWAY_URL = (os.environ.get("GATEWAY_URL") or "http://127.0.0.1:8000").rstrip("/") + "/graphql"
BROKER_URL = in_checkout(os.environ.get("BROKER_URL") or f"sqlite:///{VAR_DIR / 'broker.sqlite3'}")
AMQP_FAST = flag("AMQP_FAST", True)
# Subscriptions of one process, each some 25 kB, and those of one caller or address among them
LIVE_MAX_SUBSCRIPTIONS = whole("LIVE_MAX_SUBSCRIPTIONS", 5_000)
LIVE_MAX_PER_CALLER = whole("LIVE_MAX_PER_CALLER", 50)
# For how long one goes on before the client is told to come back, as it must be able to anyway.
LIVE_LIFETIME = timedelta(seconds=whole("LIVE_LIFETIME_SECONDS", 4 * 60 * 60))
# For how long a token holds, as Quotes has it: who was logged out since is looked up at the start.
TOKEN_LIFETIME = timedelta(seconds=whole("TOKEN_LIFETIME_SECONDS", 15 * 60))
GRAPHIQL = flag("GRAPHIQL", not PRODUCTION)
GRAPHQL_INTROSPECTION = flag("GRAPHQL_INTROSPECTION", not PRODUCTION)

INSTALLED_APPS = [
    "corsheaders",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "gateway",
]
MIDDLEWARE = [
    "observability.trace.TraceMiddleware",
    "observability.request_metrics.RequestMetricsMiddleware",
    "observability.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gateway.web.cors.AllowedOriginsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "gateway.urls"
WSGI_APPLICATION = "gateway.wsgi.application"
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}}
]
DATABASES: dict[str, dict[str, object]] = {}
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = logging_config(json_lines=logs_as_json(), level=log_level())
recording.start(
    os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or "",
    "gateway",
    ratio=share("OTEL_TRACES_SAMPLER_ARG", 0.1),
)
LOG_REQUESTS = logs_as_json()
DATA_UPLOAD_MAX_MEMORY_SIZE = GRAPHQL_MAX_BYTES

# Other sites' pages may call the gateway only if they are named. The token travels in a header
# that their own code sets, so cookies are never asked for, and credentials never allowed.
CORS_ALLOWED_ORIGINS = origins("CORS_ALLOWED_ORIGINS")
# While a page is developed, it is served from any port of the same machine.
CORS_ALLOWED_ORIGIN_REGEXES = (
    []
    if PRODUCTION
    else [r"https?://((?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?\Z"]
)
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["GET", "POST", "OPTIONS"]
# What GraphQL's clients and those that trace send by themselves, and what a deployment adds.
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "apollo-require-preflight",
    "apollographql-client-name",
    "apollographql-client-version",
    "graphql-require-preflight",
    "x-apollo-operation-name",
    "after-writes",
    "baggage",
    "sentry-trace",
    "traceparent",
    "tracestate",
    *(name.lower() for name in listed("CORS_ALLOWED_HEADERS")),
]
CORS_EXPOSE_HEADERS = ["traceparent", "retry-after", "after-writes"]
CORS_URLS_REGEX = r"^/graphql/?$"

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# TLS ends at a proxy in front: these are for the deployment that says it has one.
SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", False)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|metrics|readyz)$"]  # asked from beside, where there is no TLS
SECURE_HSTS_SECONDS = whole("SECURE_HSTS_SECONDS", 0, least=0)
SECURE_COOKIES = flag("SECURE_COOKIES", False)
TRUST_PROXY_HEADERS = flag("TRUST_PROXY_HEADERS", False)
# Who may say for whom they ask: everybody who gets here, where nobody can go round the proxy.
TRUSTED_FORWARDERS = EVERYWHERE if TRUST_PROXY_HEADERS else ()
if TRUST_PROXY_HEADERS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# A folder that `collectstatic` has filled: browsers keep its files for good. Without one, files are
# served from where they lie, so that nothing has to be collected before a start.
STATIC_URL = "/static/"
STATIC_ROOT = in_checkout(os.environ.get("STATIC_ROOT", "")) or None
if STATIC_ROOT:
    STORAGES = {"staticfiles": {"BACKEND": "gateway.web.static_files.HashedStaticFiles"}}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = not STATIC_ROOT
WHITENOISE_AUTOREFRESH = False
