"""The files that a new service begins with: some as Likes has them, the others from templates."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from tools.startservice.service import OF_ACCOUNTS, Service

TEMPLATES = Path(__file__).parent / "templates"
# What every service has alike, with other names.
AS_IN_LIKES = (
    "__init__.py",
    "manage.py",
    "wsgi.py",
    "management/__init__.py",
    "management/commands/__init__.py",
    "management/commands/seed_demo.py",
)
# Of Likes' settings, what is about likes, and what stands there instead.
_SETTINGS = {
    r"# Quotes is asked for its public keys, and .*\n": "# Quotes is asked for its public keys.\n",
    r'    "HEARD_BY_OTHERS": .*\n': "",
    r'    "CHORE": .*\n': "",
    r'    "BINDINGS": .*\n': """\
    "BINDINGS": ${bindings},
    # Into the log alone, until another service has a binding for them; then LOGGED, or neither.
    "ONLY_LOGGED": ["${name}.*"],
""",
}


def files(service: Service, root: Path) -> Mapping[str, str]:
    """Return the text of each file by its path in the checkout."""
    made = dict(_as_in_likes(service, root / "likes_service"))
    values = _values(service)
    for path in sorted(TEMPLATES.rglob("*.template")):
        name = Template(str(path.relative_to(TEMPLATES))).substitute(values)
        made[name.removesuffix(".template")] = Template(path.read_text()).substitute(values)
    return made


def _as_in_likes(service: Service, likes: Path) -> Iterator[tuple[str, str]]:
    for name in AS_IN_LIKES:
        yield f"{service.package}/{name}", service.named((likes / name).read_text())
    settings = service.named((likes / "settings.py").read_text())
    for pattern, text in _SETTINGS.items():
        settings, count = re.subn(pattern, Template(text).substitute(_values(service)), settings)
        if count != 1:
            raise ValueError(f"Likes' settings have {pattern!r} {count} times.")
    yield f"{service.package}/settings.py", settings


def _values(service: Service) -> dict[str, str]:

    handled = [(each, "keep_states") for each in service.states]
    handled += [(each, "hear") for each in service.others]
    return {
        "name": service.name,
        "title": service.name.capitalize(),
        "package": service.package,
        "record": service.record,
        "model": service.record.capitalize(),
        "bindings": json.dumps([*service.listens, OF_ACCOUNTS]),
        "handled": "".join(f'    "{each}": {function},\n' for each, function in handled),
        "listens": ", ".join(service.listens),
    }
