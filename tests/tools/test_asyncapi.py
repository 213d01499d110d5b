"""The AsyncAPI documents are valid, and what one service receives another sends."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests import npm
from tests.event_operations import types_of
from tools.environment import ROOT

JUDGE = Path(__file__).parent / "asyncapi"
FILES = sorted((ROOT / "docs" / "asyncapi").glob("*.json"))


def judged(*files: Path) -> list[str]:
    """Return the faults that AsyncAPI's own parser finds in documents, and how much it has read."""
    npm.installed(JUDGE)
    command = ["node", str(JUDGE / "judge.mjs"), *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return [line for line in result.stdout.splitlines() if ": suggestion: " not in line]


def test_each_document_is_valid_and_a_broken_one_is_not(tmp_path: Path) -> None:
    document = json.loads(FILES[0].read_text())
    document["operations"]["handle"]["action"] = "guess"
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(document))
    read, faults = split(judged(*FILES, broken), broken)
    assert read == [f"{file}: {len(messages(file))} messages" for file in FILES]
    assert any(": error: operations/handle" in line for line in faults)


def split(lines: list[str], file: Path) -> tuple[list[str], list[str]]:
    """Return the lines of other files, and those of this one."""
    of_it = [line for line in lines if line.startswith(str(file))]
    return [line for line in lines if line not in of_it], of_it


def messages(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())["components"]["messages"]
    return found


def test_each_type_has_one_sender_and_what_is_received_is_sent() -> None:
    operations = [json.loads(file.read_text())["operations"] for file in FILES]
    sent = [
        set().union(*(types_of(each[name]) for name in ("publish", "log") if name in each))
        for each in operations
    ]
    types = sorted(name for each in sent for name in each)
    assert types == sorted(file.stem for file in (ROOT / "event_schemas").glob("*.json"))
    assert set().union(*(types_of(each["handle"]) for each in operations)) <= set(types)
