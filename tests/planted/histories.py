"""`python -m tests.planted.histories`: do the clients of the running product notice each fault?

Each is planted in a copy, whose processes run while clients write and some processes are killed
(`tests/system/trial.py`). Its shortest history is printed. `--keep` keeps what was recorded of the
quote that shows it in `tests/histories/recordings`, by which `make test` judges the rules.
"""

import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from tests.histories.judge import violations
from tests.histories.recorded import of_one_quote, read, written
from tests.planted.copies import Copy
from tests.planted.faults import Fault, chosen
from tests.system.trial import BROKEN
from tools.environment import ROOT
from tools.test import environment_of_tests

RECORDINGS = ROOT / "tests/histories/recordings"


def tried(copy: Copy, fault: Fault | None, file: Path) -> str | None:
    """Return what the clients noticed, or None. Raise RuntimeError if the trial itself failed."""
    with copy.with_fault(fault) if fault else nullcontext():
        run = copy.execute(["python", "-m", "tests.system.trial", str(file)])
    if run.returncode not in (0, BROKEN):
        raise RuntimeError(run.stdout + run.stderr)
    return run.stdout.strip() if run.returncode else None


def keep(fault: Fault, file: Path) -> None:
    """Keep what was recorded of the quote that the shortest history is about."""
    history = read(file.read_bytes())
    shown = violations(history)[0].operations
    if shown and shown[0].quote is not None:
        RECORDINGS.mkdir(exist_ok=True)
        kept = written(of_one_quote(history, shown[0].quote))
        (RECORDINGS / f"{fault.name.replace(' ', '-')}.json").write_bytes(kept)


def main(arguments: Sequence[str]) -> int:
    """Plant the faults that the words choose, and return the exit code: 0 if none survives."""
    words = [word for word in arguments if word != "--keep"]
    faults = [fault for fault in chosen(words) if fault.recorded]
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy, file = Copy(Path(folder) / "copy", environment_of_tests()), Path(folder) / "history"
        if (wrongly := tried(copy, None, file)) is not None:
            print(f"WITHOUT A FAULT:\n{wrongly}")
            return 1
        for fault in faults:
            said = tried(copy, fault, file)
            survivors += said is None
            print(f"{fault.name}\n{said or 'SURVIVES: ' + fault.suffers}\n", flush=True)
            if said is not None and "--keep" in arguments:
                keep(fault, file)
    print(f"{len(faults)} planted, {len(faults) - survivors} noticed, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
