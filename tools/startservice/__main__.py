"""`python -m tools.startservice comments --listens 'quotes.quote.*'`: a service to begin with.

It makes a project beside the others, in their style and with its tests, and enters it wherever
they stand: the Procfile, docker-compose.yml, the checks. `--remove` takes all of it away again.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.environment import ROOT
from tools.startservice.entries import entries, with_entries, without_entries
from tools.startservice.files import files
from tools.startservice.service import Refused, made_service, new_service


def start(name: str, listens: Sequence[str], record: str, root: Path) -> str:
    """Make a service in a checkout, and return what to do next. Raise Refused."""
    service = new_service(name, listens, record, root)
    made = files(service, root)
    for path in made:
        if (root / path).exists():
            raise Refused(f"There is a file {path} already.")
    changed = with_entries(entries(service, root), root)
    for path, text in {**made, **changed}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    _format([path for path in made if path.endswith(".py")], root)
    return _NEXT.format(service=service, files=len(made), ports=service.ports)


def _format(paths: Sequence[str], root: Path) -> None:
    """Sort the imports and wrap the lines, which depend on how long the names are."""
    for command in (["check", "--fix", "--quiet", "--select", "I"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *paths], cwd=root, check=True)


def remove(name: str, root: Path) -> str:
    """Take a service away from a checkout, and return what was done. Raise Refused."""
    service = made_service(name, root)
    for path, text in without_entries(entries(service, root), root).items():
        (root / path).write_text(text)
    for folder in (service.package, f"tests/{service.package}"):
        shutil.rmtree(root / folder)
    for folder in ("event_schemas", "tests/contracts/events"):
        for file in (root / folder).glob(f"{name}.*.json"):
            file.unlink()
    return f"Took {name} away. Its database, if it ran, is var/{name}.sqlite3."


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Do what the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(prog="startservice", description=__doc__)
    parser.add_argument("name", help="in the plural, as in comments")
    parser.add_argument("--listens", action="append", help="a pattern of types, as quotes.quote.*")
    parser.add_argument("--record", help="one of what it keeps (default: the name without its s)")
    parser.add_argument("--remove", action="store_true", help="take the service away")
    given = parser.parse_args(arguments)
    record = given.record or given.name.removesuffix("s")
    try:
        if given.remove:
            print(remove(given.name, root))
        else:
            print(start(given.name, given.listens or [], record, root))
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


_NEXT = """\
Made {service.package} with {files} files. Next:

  make run                                        it runs with the others, at port {ports[0]}
  .venv/bin/python -m tools.test {service.package}   its tests on both databases

domain.py writes, events.py says what is published, handlers.py what is done with others' events.
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
