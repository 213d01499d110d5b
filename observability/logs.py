"""Structured logs for every process: JSON lines in production, aligned text on a terminal."""

import json
import logging
import os
from typing import Any

import orjson
import structlog
from django.core.exceptions import ImproperlyConfigured

from observability.terminal import printable
from observability.trace import add_trace_id

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    add_trace_id,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


class NotProbes(logging.Filter):
    """Leaves out the 503 of `/readyz`: whoever asks learns it from the response."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is written."""
        request = getattr(record, "request", None)
        return getattr(request, "path", "") != "/readyz"


class RefusalsInOneLine(logging.Filter):
    """Logs what Django refuses of a request, such as a wrong `Host`, as a warning in one line.

    Anybody can cause these, as often as they like; a traceback tells nothing of our code.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: all are written."""
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def logging_config(*, json_lines: bool, level: str = "INFO") -> dict[str, Any]:
    """Return Django's `LOGGING`, and make structlog write through the same handler.

    `json_lines` writes one JSON object a line, else text for people. `level` is that of all
    loggers but one: Django's request logger, which warns of each 4xx, is kept to errors.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_as_json)]
        if json_lines
        # The default formatter would print local variables, and a password may be among them.
        else [
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
            _as_text,
        ]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderer,
                ],
            },
            "as_it_is": {"format": "%(message)s"},
        },
        "filters": {
            "not_probes": {"()": NotProbes},
            "refusals_in_one_line": {"()": RefusalsInOneLine},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "structured",
                # Of the handler, as those of a logger pass over what comes from loggers below it.
                "filters": ["refusals_in_one_line"],
            },
            "lines": {"class": "logging.StreamHandler", "formatter": "as_it_is"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR", "filters": ["not_probes"]},
            "pika": {"level": "CRITICAL"},  # our own lines log lost connections, once
            "request": {"handlers": ["lines"], "propagate": False},  # see `request_log`
            "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
        },
    }


def _as_text(_logger: object, _method: str, line: str) -> str:
    return printable(line, lines=True)


def _as_json(event: object, **_: object) -> str:
    """Write one line: in ASCII, and what JSON doesn't have as a text."""
    try:
        line = orjson.dumps(event, default=str, option=_AS_TEXTS).decode()
    except TypeError:  # a number that is too large, a lone surrogate
        line = ""
    return line if line and line.isascii() else json.dumps(event, default=str)


_AS_TEXTS = (
    orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
)


def logs_as_json() -> bool:
    """Read `LOG_FORMAT` from the environment: `json` or `text` (the default)."""
    value = os.environ.get("LOG_FORMAT", "").strip().lower() or "text"
    if value not in {"text", "json"}:
        raise ImproperlyConfigured(f"LOG_FORMAT must be text or json, not {value!r}.")
    return value == "json"


def log_level() -> str:
    """Read `LOG_LEVEL` from the environment: a name of the `logging` module, `INFO` if absent."""
    level = os.environ.get("LOG_LEVEL", "").strip().upper() or "INFO"
    if level not in logging.getLevelNamesMapping():
        raise ImproperlyConfigured(f"LOG_LEVEL must be as INFO or WARNING, not {level!r}.")
    return level
