"""What files that all services share say of each: where a new one stands beside Likes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.startservice.service import Refused, Service


@dataclass(frozen=True)
class Entry:
    """A text that comes into a file behind another one, which stands there once."""

    file: str
    after: str
    text: str


def with_entries(added: Iterable[Entry], root: Path) -> dict[str, str]:
    """Return the files with these entries put in. Raise Refused if a place isn't found."""
    return _changed(root, [(each, each.after, each.after + each.text) for each in added])


def without_entries(added: Iterable[Entry], root: Path) -> dict[str, str]:
    """Return the files with these entries taken out. Raise Refused if one was changed there."""
    return _changed(root, [(each, each.after + each.text, each.after) for each in added])


def _changed(root: Path, changes: Iterable[tuple[Entry, str, str]]) -> dict[str, str]:
    files: dict[str, str] = {}
    for entry, before, after in changes:
        content = files.get(entry.file) or (root / entry.file).read_text()
        if content.count(before) != 1:
            raise Refused(f"{entry.file} was changed here, so change it by hand: {before!r}")
        files[entry.file] = content.replace(before, after)
    return files


def entries(service: Service, root: Path) -> list[Entry]:
    """Return all entries of a service, made from those of Likes as the checkout has them."""
    return [
        *_processes(service, root),
        *_variables(service, root),
        *_containers(service, root),
        *_databases(service, root),
        *_checks(service, root),
    ]


def _processes(service: Service, root: Path) -> Iterator[Entry]:
    text = (root / "Procfile").read_text()
    lines = re.findall(r"^likes.*\n", text, re.MULTILINE)
    new = [
        re.sub(r"(_PORT:-)\d+", rf"\g<1>{port}", service.named(line))
        for line, port in zip(lines, service.ports, strict=True)
    ]
    yield Entry("Procfile", lines[-1], "".join(new))
    # And where Prometheus looks at them.
    file = "deploy/prometheus/prometheus.yml"
    jobs = re.findall(r"^  - {job_name: likes.*\n", (root / file).read_text(), re.MULTILINE)
    looked_at = [
        re.sub(r":\d+", f":{port}", service.named(job))
        for job, port in zip(jobs, service.ports, strict=True)
    ]
    yield Entry(file, jobs[-1], "".join(looked_at))


def _variables(service: Service, root: Path) -> Iterator[Entry]:
    text = (root / ".env.example").read_text()
    web, relay, consumer = service.ports
    ports = f"#LIKES_RELAY_PORT={relay}\n#LIKES_CONSUMER_PORT={consumer}\n"
    for name, new in (
        ("DATABASE_PASSWORD", "#LIKES_DATABASE_PASSWORD=\n"),
        ("DATABASE_URL", "#LIKES_DATABASE_URL=sqlite:///var/likes.sqlite3\n"),
        ("PORT", f"#LIKES_PORT={web}\n"),
        ("CONSUMER_PORT", ports),
    ):
        [line] = re.findall(rf"^#LIKES_{name}=.*\n", text, re.MULTILINE)
        yield Entry(".env.example", line, service.named(new))


def _containers(service: Service, root: Path) -> Iterator[Entry]:
    compose = (root / "docker-compose.yml").read_text()
    [environment] = re.findall(r"^x-likes: .*\n(?:  .*\n)+\n", compose, re.MULTILINE)
    yield Entry("docker-compose.yml", environment, service.named(environment))
    [password] = re.findall(r"^      LIKES_DATABASE_PASSWORD: .*\n", compose, re.MULTILINE)
    yield Entry("docker-compose.yml", password, service.named(password))
    blocks = re.findall(r"^  likes(?:-\w+)?:\n(?:    .*\n)+\n", compose, re.MULTILINE)
    own = dict(zip(("8002", "8021", "8022"), map(str, service.ports), strict=True))
    new = re.sub("|".join(own), lambda port: own[port[0]], service.named("".join(blocks)))
    # Its addresses are known to the other services by this line.
    hosts = re.findall(r"^  ALLOWED_HOSTS: .*,likes\b", compose, re.MULTILINE)
    yield Entry("docker-compose.yml", hosts[0], f",{service.name}")
    yield Entry("docker-compose.yml", blocks[-1], new)
    yield Entry(
        "Dockerfile",
        "COPY likes_service/ likes_service/\n",
        f"COPY {service.package}/ {service.package}/\n",
    )
    yield Entry("docker/upgrade.sh", "for service in quotes likes", f" {service.name}")
    # What docker-compose.yml decides, whatever .env says.
    for after in ("`LIKES_DATABASE_URL`,", "`LIKES_RELAY_PORT`,", "`LIKES_CONSUMER_PORT`,"):
        yield Entry("docs/operating.md", f"`, {after}", f" {service.named(after)}")


def _databases(service: Service, root: Path) -> Iterator[Entry]:
    file = "docker/databases.sql"
    text = (root / file).read_text()
    yield Entry(file, "'CREATE ROLE %I LOGIN', name) FROM (VALUES ", f"('{service.name}'), ")
    yield Entry(file, "'CREATE DATABASE %I', name) FROM (VALUES ", f"('{service.name}'), ")
    yield Entry(file, "REVOKE ALL ON DATABASE ", f"{service.name}, ")
    for line in (
        "\\getenv likes_password LIKES_DATABASE_PASSWORD\n",
        "ALTER ROLE likes PASSWORD :'likes_password';\n",
        "ALTER DATABASE likes OWNER TO likes;\n",
    ):
        yield Entry(file, line, service.named(line))
    [own] = re.findall(r"^\\connect likes\n(?:.+\n)+", text, re.MULTILINE)
    yield Entry(file, own, "\n" + service.named(own))


def _checks(service: Service, root: Path) -> Iterator[Entry]:
    project = (root / "pyproject.toml").read_text()
    yield Entry("pyproject.toml", '"likes_service*",', f' "{service.package}*",')
    # The packages that lint-imports knows, then each of its contracts that names Likes too.
    for part in project.split("[[tool.importlinter.contracts]]\n"):
        listed = re.search(r'(?:.*\n){0,4}.*"likes_service",', part)
        if listed:
            yield Entry("pyproject.toml", listed[0], f' "{service.package}",')
    [inside] = re.findall(r"^name = \"Inside Likes: (?:.*\n)+?\]\n\n", project, re.M)
    yield Entry("pyproject.toml", inside, _LAYERS.format(service=service))
    suites = (root / "tools" / "suites.py").read_text()
    for line in re.findall(r"^    Suite\(\[\"tests/likes_service\"\], .*\n", suites, re.M):
        yield Entry("tools/suites.py", line, service.named(line))
    types = (root / "tools" / "test.py").read_text()
    [line] = re.findall(r"^    \"likes_service.settings\": .*\n", types, re.M)
    yield Entry("tools/test.py", line, service.named(line).replace('"identity", ', ""))


_LAYERS = """\
[[tool.importlinter.contracts]]
name = "Inside {service.package}: who asks for it, then what happens, then what it is kept in"
type = "layers"
containers = ["{service.package}"]
exhaustive = true
exhaustive_ignores = ["apps", "manage", "migrations", "settings"]
layers = [
    "urls | wsgi | management",
    "api | admin | handlers",
    "schemas | words",
    "domain | reads",
    "errors : events : models",
]

"""
