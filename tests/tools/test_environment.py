"""What `make run` reads of its environment, and what .env.example tells of it."""

import re
from pathlib import Path

from tests.compose.compose_file import variables_of
from tools.environment import ROOT, read_env_file, run_environment
from tools.ports import DEFAULTS

FOLDERS = ("quotes_service", "likes_service", "gateway", "messaging", "observability", "web")
# What only tests and the system set.
NOT_SETTINGS = {"FAULT_POINT", "PATH", "DJANGO_SETTINGS_MODULE"}


def test_a_line_is_a_name_and_a_value_that_may_be_quoted(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# A comment=1\nA=1\nexport B = 'two words'\nC=\"x=y\"\n\nnothing\n")
    assert read_env_file(file) == {"A": "1", "B": "two words", "C": "x=y"}


def test_what_the_caller_sets_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB=file\n")
    assert run_environment({"A": "caller"}, tmp_path) == {"A": "caller", "B": "file"}


def test_without_a_file_there_is_only_the_caller(tmp_path: Path) -> None:
    assert run_environment({"A": "1"}, tmp_path) == {"A": "1"}


def test_the_example_has_exactly_the_variables_that_are_read() -> None:
    by = r"environ(?:\.get)?|\b(?:flag|whole|number|listed|networks|origins|rate)|storage|url"
    reading = re.compile(rf"(?:{by})[(\[]\s*\"([A-Z_]+)\"")
    read = set(DEFAULTS) | variables_of((ROOT / "docker-compose.yml").read_text())
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
