"""docker-compose.yml as `docker compose` reads it: anchors merged, variables filled in."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
OUR_IMAGE = "quotes-in-step"
_VARIABLE = re.compile(r"\$\{(\w+)(?:(:?[-?])([^}]*))?\}")


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, as compose does."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Return a mapping of the text. Raise ConstructorError."""
        node = super().compose_mapping_node(anchor)
        keys = [key.value for key, _ in node.value]
        if len(keys) > len(set(keys)):
            problem = f"a key is there twice: {keys}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return node


def read_file(text: str | None = None) -> Any:
    """Return what a compose file says, docker-compose.yml if none is given."""
    text = (ROOT / "docker-compose.yml").read_text() if text is None else text
    return yaml.load(text, _Loader)  # noqa: S506 - it is a safe one


class MissingVariable(Exception):
    """A variable that has no value, and needs one."""


@dataclass(frozen=True)
class Service:
    """One service of the file."""

    name: str
    command: list[str]
    environment: dict[str, str]
    health_check: list[str]
    depends_on: dict[str, str]
    ours: bool  # runs the product's image
    builds: bool  # makes it
    image: str
    entry: Mapping[str, Any]  # all that the file says of it
    ports: list[str]  # that are reached from outside


def read_services(variables: Mapping[str, str], *profiles: str) -> dict[str, Service]:
    """Return the services by name, those of these profiles among them.

    Raises MissingVariable as compose would refuse to start.
    """
    content = _filled(read_file(), variables)
    return {
        name: _service(name, entry, variables)
        for name, entry in content["services"].items()
        if set(entry.get("profiles", ())) <= set(profiles)
    }


def images(*profiles: str) -> list[str]:
    """Return the images of others: what services run, and what ours is made from."""
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    run = {
        entry["image"]
        for entry in read_file()["services"].values()
        if set(entry.get("profiles", ())) <= set(profiles)
    }
    return sorted({*bases, *run} - {OUR_IMAGE})


def variables_of(text: str) -> set[str]:
    """Return the names of the variables that a compose file reads."""
    passed = (
        name
        for entry in read_file(text)["services"].values()
        for name, value in entry.get("environment", {}).items()
        if value is None
    )
    return {match[1] for match in _VARIABLE.finditer(text)} | set(passed)


def _service(name: str, entry: Mapping[str, Any], variables: Mapping[str, str]) -> Service:
    command = entry.get("command", [])
    environment = entry.get("environment", {})
    return Service(
        name=name,
        command=shlex.split(command) if isinstance(command, str) else list(command),
        environment={
            key: variables[key] if value is None else str(value)
            for key, value in environment.items()
            if value is not None or key in variables  # what has no value is as .env says
        },
        health_check=list(entry.get("healthcheck", {}).get("test", [])),
        depends_on={key: value["condition"] for key, value in entry.get("depends_on", {}).items()},
        ours=entry["image"] == OUR_IMAGE,
        builds="build" in entry,
        image=entry["image"],
        entry=entry,
        ports=list(entry.get("ports", [])),
    )


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, variables) for inner in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value(match, variables), value)
    return value


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    name, kind, rest = match[1], match[2], match[3]
    found = variables.get(name)
    if found or (found is not None and kind == "-"):  # with a colon, empty is as good as none
        return found
    if kind == ":?":
        raise MissingVariable(f"{name}: {rest}")
    return rest or ""
