"""tools/set_up.sh on machines that lack something."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = (
    "sh",
    "id",
    "dirname",
    "cat",
    "cmp",
    "python3",
    "mkdir",
    "mktemp",
    "rm",
    "tail",
    "printf",
    "chmod",
)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the set-up on a machine without servers, where one may install nothing."""
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        if found := shutil.which(name):
            (tmp_path / "bin" / name).symlink_to(found)
    (tmp_path / "tools").mkdir()
    for name in ("__init__.py", "environment.py", "ports.py", "set_up.sh"):
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools")
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


def python(machine: Path, version: str, *, has_venv: bool = True) -> None:
    """Have a python3 of that version, whose environments hold a pip that notes its calls."""
    pip = f'echo "{version} $*" >> {machine}/installed'
    command(
        machine,
        "python3",
        f"""case "$*" in
            *version_info*) echo {version} ;;
            *ensurepip*) exit {0 if has_venv else 1} ;;
            *"-m venv"*)
                mkdir -p .venv/bin
                printf '#!/bin/sh\n' > .venv/bin/python
                printf '#!/bin/sh\n%s\n' '{pip}' > .venv/bin/pip
                chmod +x .venv/bin/* ;;
        esac""",
    )


def command(machine: Path, name: str, text: str) -> None:
    path = machine / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_who_may_not_install_is_told_what_is_missing(machine: Path) -> None:
    command(machine, "id", "echo 1000")
    python(machine, "3.11", has_venv=False)
    run = set_up(machine, "run")
    assert run.returncode == 1
    assert "These Debian packages are missing: python3-venv." in run.stderr
    assert "apt-get install python3-venv" in run.stderr


def test_who_may_not_install_gets_pip_from_its_package_all_the_same(machine: Path) -> None:
    (machine / "requirements").mkdir()
    for name in ("requirements/run.txt", "pyproject.toml"):
        (machine / name).write_text(f"{name}\n")
    command(machine, "id", "echo 1000")
    python(machine, "3.11", has_venv=False)
    wheel = "usr/share/python-wheels/pip-1.whl"
    command(machine, "apt-get", 'case "$*" in *download*) : > python3-pip-whl_1_all.deb ;; esac')
    command(machine, "dpkg-deb", f'mkdir -p "{Path(wheel).parent}"; : > "{wheel}"')
    run = set_up(machine, "run")
    assert run.returncode == 0, run.stderr
    assert (machine / "installed").read_text().startswith("3.11 install")


def test_packages_are_installed_without_starting_their_servers(machine: Path) -> None:
    policy = machine / "policy-rc.d"
    script = machine / "tools" / "set_up.sh"
    script.write_text(script.read_text().replace("/usr/sbin/policy-rc.d", str(policy)))
    command(machine, "id", "echo 0")
    python(machine, "3.11", has_venv=False)
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
    python(machine, "3.11", has_venv=False)
    command(machine, "apt-get", "exit 7")
    set_up(machine, "run")
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_an_old_python_is_told_which_one_is_needed_and_nothing_is_made(machine: Path) -> None:
    python(machine, "3.10")
    run = set_up(machine, "run")
    assert run.returncode == 1
    assert run.stderr == "Python 3.11 or later is needed, and python3 is 3.10 here.\n"
    assert not (machine / ".venv").exists()


@pytest.fixture
def installed(machine: Path) -> Path:
    """The machine with all in place; what is installed from now on is noted in `installed`."""
    (machine / "requirements").mkdir()
    for name in ("requirements/run.txt", "requirements/dev.txt", "pyproject.toml"):
        (machine / name).write_text(f"{name}\n")
    python(machine, "3.11")
    assert set_up(machine, "run").returncode == 0
    (machine / "installed").unlink()
    return machine


def test_a_second_time_all_is_in_place(installed: Path) -> None:
    assert set_up(installed, "run").returncode == 0
    assert not (installed / "installed").exists()


def test_after_an_upgrade_of_python_the_environment_is_made_anew(installed: Path) -> None:
    (installed / ".venv" / "of the old Python").touch()
    python(installed, "3.13")
    assert set_up(installed, "run").returncode == 0
    assert (installed / "installed").read_text().startswith("3.13 install")


def test_an_environment_whose_python_is_gone_is_made_anew(installed: Path) -> None:
    (installed / ".venv/bin/python").unlink()
    assert set_up(installed, "run").returncode == 0
    assert (installed / "installed").exists()
