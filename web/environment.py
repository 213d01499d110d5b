"""What every process of a checkout goes by: its environment, then .env, then what `make run` chose.

One truth for `make run`, for commands and for servers started by hand: what the caller has set
wins over the file `.env`, and that over the broker and addresses that `make run` went by last.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What of the environment of `make run` others need, to work on the same data.
RECORDED = {"BROKER_URL", "QUOTES_URL", "LIKES_URL", "QUOTES_PORT", "LIKES_PORT"}


class EnvironmentProblem(RuntimeError):
    """A file of settings can't be read; the message says which and why."""


def configured(caller: Mapping[str, str] = os.environ, root: Path = ROOT) -> dict[str, str]:
    """Return the caller's environment, and what .env sets besides. Raise EnvironmentProblem.

    `ENV_FILE` names another file; an empty one says that there is none, nor a choice of `make run`.
    """
    named = caller.get("ENV_FILE")
    if named == "":
        return dict(caller)
    path = root / (named or ".env")
    if named and not path.is_file():
        raise EnvironmentProblem(f"There is no file {path}, which ENV_FILE names.")
    return read_env_file(path) | dict(caller)


def load(root: Path = ROOT) -> None:
    """Have this process go by all of it. Raise EnvironmentProblem."""
    values = with_addresses(configured(os.environ, root))
    if values.get("ENV_FILE") != "":
        for name, value in _recorded(root).items():
            of_one_service = name.endswith("_DATABASE_URL") and values.get("DATABASE_URL")
            if not values.get(name) and not of_one_service:
                values[name] = value
    os.environ.update(with_addresses(values))


def with_addresses(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values, and where the web processes are if only their ports are set."""
    addresses = {
        f"{service}_URL": f"http://127.0.0.1:{port}"
        for service in ("QUOTES", "LIKES", "LIVE", "GATEWAY")
        if (port := values.get(f"{service}_PORT")) and not values.get(f"{service}_URL")
    }
    return {**values, **addresses}


def record(values: Mapping[str, str], root: Path = ROOT) -> None:
    """Write down what `make run` goes by, for commands; it holds passwords."""
    path = _record_file(root)
    chosen = {
        name: value
        for name, value in values.items()
        if value and (name in RECORDED or name.endswith("_DATABASE_URL"))
    }
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(chosen, file, indent=1)
    draft.replace(path)


def _record_file(root: Path) -> Path:
    return root / "var" / "run.json"


def _recorded(root: Path) -> dict[str, str]:
    path = _record_file(root)
    try:
        return {str(name): str(value) for name, value in json.loads(path.read_text()).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise EnvironmentProblem(f"{path}, which make run has written: {error}") from error


def read_env_file(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines. Raise EnvironmentProblem.

    Quotes around a value are left out; `#` begins a comment, at the start or behind a blank.
    """
    values: dict[str, str] = {}
    for line in _text(path).splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            values[name.removeprefix("export ").strip()] = _unquoted(value.strip())
    return values


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")  # some editors begin a file with a mark
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise EnvironmentProblem(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise EnvironmentProblem(f"{path} must be in UTF-8: {error.reason}.") from error
    if "\0" in text:
        raise EnvironmentProblem(f"{path} must be in UTF-8, without NUL characters.")
    return text


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote and quote in "\"'":
        inside, end, rest = value[1:].partition(quote)
        if end and (not rest.strip() or rest.lstrip().startswith("#")):
            return inside
        return value[1:-1] if len(value) > 1 and value[-1] == quote else value
    if value.startswith("#"):
        return ""
    return value.partition(" #")[0].partition("\t#")[0].rstrip()
