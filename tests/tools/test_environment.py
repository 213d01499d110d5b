"""What `make run` reads of its environment, and what .env.example tells of it."""

import re
from pathlib import Path

import pytest

from tests.compose.compose_file import variables_of
from tools import procfile
from tools.environment import ROOT
from tools.ports import DEFAULTS
from web.environment import EnvironmentProblem, configured, read_env_file

FOLDERS = ["gateway", "messaging", "observability", "web"]
FOLDERS += [f"{service}_service" for service in procfile.services()]
# What only tests and the system set.
NOT_SETTINGS = {"FAULT_POINT", "PATH", "DJANGO_SETTINGS_MODULE"}


def read(folder: Path, content: bytes) -> dict[str, str]:
    (folder / ".env").write_bytes(content)
    return read_env_file(folder / ".env")


def test_a_line_is_a_name_and_a_value_that_may_be_quoted(tmp_path: Path) -> None:
    content = b"# A comment=1\nA=1\nexport B = 'two words'\nC=\"x=y\"\n\nnothing\n"
    assert read(tmp_path, content) == {"A": "1", "B": "two words", "C": "x=y"}


def test_a_comment_may_stand_behind_a_value(tmp_path: Path) -> None:
    content = b"A=1 # one\nB='a # b' # two\nC=a#b\nD= # nothing\nE=\"it's\"\nF=a'b'\n"
    expected = {"A": "1", "B": "a # b", "C": "a#b", "D": "", "E": "it's", "F": "a'b'"}
    assert read(tmp_path, content) == expected


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_no_part_of_it(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfA=1\r\nB=\xc3\xa9\r\n") == {"A": "1", "B": "é"}


@pytest.mark.parametrize(
    "content", ["A=1".encode("utf-16"), "A=1".encode("utf-16-le"), b"A=\xe9\n", b"A=\x00"]
)
def test_a_file_that_is_not_in_utf_8_is_named(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(EnvironmentProblem, match=r"\.env must be in UTF-8"):
        read(tmp_path, content)


def test_what_the_caller_sets_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB=file\n")
    assert configured({"A": "caller"}, tmp_path) == {"A": "caller", "B": "file"}


def test_without_a_file_there_is_only_the_caller(tmp_path: Path) -> None:
    assert configured({"A": "1"}, tmp_path) == {"A": "1"}


def test_another_file_may_be_named_or_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=usual\n")
    (tmp_path / "other").write_text("A=other\n")
    assert configured({"ENV_FILE": "other"}, tmp_path)["A"] == "other"
    assert "A" not in configured({"ENV_FILE": ""}, tmp_path)
    with pytest.raises(EnvironmentProblem, match="ENV_FILE"):
        configured({"ENV_FILE": "nowhere"}, tmp_path)


def test_the_example_has_exactly_the_variables_that_are_read() -> None:
    by = r"environ(?:\.get)?|caller\.get|storage|url"
    by += r"|\b(?:flag|whole|number|share|listed|networks|origins|rate)"
    reading = re.compile(rf"(?:{by})[(\[]\s*\"([A-Z_]+)\"")
    read = set(DEFAULTS) | {procfile.database_variable(name) for name in procfile.services()}
    read |= variables_of((ROOT / "docker-compose.yml").read_text())
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            read |= set(reading.findall(file.read_text()))
    example = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(example) == sorted(read - NOT_SETTINGS)


def test_each_variable_of_the_example_has_a_line_that_says_what_it_is() -> None:
    before = ""
    for line in (ROOT / ".env.example").read_text().splitlines():
        if re.match(r"#[A-Z_]+=", line):
            assert before.startswith("#"), line
        before = line
