"""tools/set_up.sh on machines that lack something."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("sh", "id", "dirname", "cat", "cmp", "python3", "node", "npm", "rm", "printf", "chmod")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the set-up on a machine without servers, where one may install nothing."""
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        if found := shutil.which(name):
            (tmp_path / "bin" / name).symlink_to(found)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "set_up.sh", tmp_path / "tools")
    return tmp_path


def set_up(machine: Path, purpose: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "tools/set_up.sh", purpose],
        cwd=machine,
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def command(machine: Path, name: str, text: str) -> None:
    path = machine / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_who_may_not_install_is_told_what_is_missing(machine: Path) -> None:
    command(machine, "id", "echo 1000")
    command(machine, "python3", "exit 1")  # has no venv
    run = set_up(machine, "run")
    assert run.returncode == 1
    assert "These Debian packages are missing: python3-venv." in run.stderr
    assert "apt-get install python3-venv" in run.stderr


def test_packages_are_installed_without_starting_their_servers(machine: Path) -> None:
    policy = machine / "policy-rc.d"
    script = machine / "tools" / "set_up.sh"
    script.write_text(script.read_text().replace("/usr/sbin/policy-rc.d", str(policy)))
    command(machine, "id", "echo 0")
    command(machine, "python3", f"[ -e {machine}/installed ]")
    command(
        machine,
        "apt-get",
        f'[ "$1" = update ] && exit 0; "{policy}"; echo "$? $*" > {machine}/installed; exit 7',
    )
    assert set_up(machine, "run").returncode != 0  # at the installation, which fails here
    assert (machine / "installed").read_text().startswith("101 install")
    assert not policy.exists(), "the machine's own rule of starting servers was changed for good"


def test_a_rule_that_was_there_before_stays(machine: Path) -> None:
    policy = machine / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    policy.chmod(0o755)
    script = machine / "tools" / "set_up.sh"
    script.write_text(script.read_text().replace("/usr/sbin/policy-rc.d", str(policy)))
    command(machine, "id", "echo 0")
    command(machine, "python3", "exit 1")
    command(machine, "apt-get", "exit 7")
    set_up(machine, "run")
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
