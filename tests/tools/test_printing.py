"""What the processes of `make run` print is told apart."""

import re
import sys

import pytest

from tools import procfile
from tools.run import Lines


def test_each_line_is_printed_behind_the_time_and_the_name_of_its_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = Lines(list(procfile.commands()))
    lines("quotes", "one")
    lines("quotes-consumer", "two")
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d quotes          \| one", first)
    assert re.fullmatch(r"\d\d:\d\d:\d\d quotes-consumer \| two", second)


def test_on_a_terminal_each_process_has_a_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    lines = Lines(["quotes", "likes"])
    lines("quotes", "one")
    lines("likes", "two")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("\033[36m")
    assert first.endswith("| \033[0mone")
    assert second.startswith("\033[33m")
