"""Where no container engine can be run, `make containers` says why and skips."""

import os
from pathlib import Path

import pytest

from tests.compose.engine import ability
from tests.compose.engine.ability import NotHere


def test_it_takes_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotHere, match="takes root"):
        ability.check()


def test_a_program_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotHere, match="apt-get"):
        ability.check()


def test_a_machine_whose_apt_has_no_mirror_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "apt-get"
    fake.write_text("#!/bin/sh\necho somewhere Other stable\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    ability.mirror.cache_clear()
    with pytest.raises(NotHere, match="no mirror"):
        ability.mirror()
    ability.mirror.cache_clear()
