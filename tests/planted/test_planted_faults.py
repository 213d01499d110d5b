"""The lists of planted faults don't rot: each can be planted, and names tests that there are."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.planted.faults import Fault, Target, Unplantable, all_faults, chosen, text_of
from tools.environment import ROOT, VENV


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: fault.name)
def test_each_fault_applies_to_one_place_and_names_tests_that_there_are(fault: Fault) -> None:
    assert fault.planted(text_of(fault)) != text_of(fault)
    assert fault.suffers.endswith(".")
    assert fault.targets
    for target in fault.targets:
        path, *names = target.path.split("::")
        assert (ROOT / path).exists(), path
        assert not names or f"def {names[-1]}(" in (ROOT / path).read_text(), target.path


def test_planted_python_can_be_compiled_and_names_what_there_is(tmp_path: Path) -> None:
    for number, fault in enumerate(all_faults()):
        if fault.file.endswith(".py"):
            (tmp_path / f"fault_{number}.py").write_text(fault.planted(text_of(fault)))
    run = subprocess.run(
        [VENV / "bin/ruff", "check", "--isolated", "--select", "F821", "--quiet", tmp_path],
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout


def test_no_two_faults_have_one_name() -> None:
    names = Counter(fault.name for fault in all_faults())
    assert [name for name, times in names.items() if times > 1] == []


def test_words_choose_by_area_name_or_file() -> None:
    assert chosen([]) == all_faults()
    assert all(
        "messaging" in fault.area + fault.name + fault.file for fault in chosen(["messaging"])
    )
    assert chosen(["a word of no fault"]) == []


@pytest.mark.parametrize("text", ["nothing of it", "once, and once more"])
def test_a_fault_that_does_not_apply_to_one_place_can_not_be_planted(text: str) -> None:
    fault = Fault("a name", "area", "file.py", "once", "twice", "Nobody suffers.", [])
    with pytest.raises(Unplantable, match=r"a name: applies to \d places of file.py"):
        fault.planted(text)


def test_a_target_may_be_meant_for_postgresql() -> None:
    assert Target.parse("tests/rest on PostgreSQL") == Target("tests/rest", postgresql=True)
    assert str(Target.parse("tests/rest")) == "tests/rest"
