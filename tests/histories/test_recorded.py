"""What clients recorded of products with a planted fault is reported, and shown briefly.

`python -m tests.planted.histories --keep` has recorded them.
"""

from pathlib import Path

import pytest

from tests.histories.judge import violations
from tests.histories.recorded import read
from tests.planted.faults import all_faults

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.json"))
MOST_SHOWN = 10  # operations that a person still reads


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.stem)
def test_a_fault_of_the_product_is_reported_with_few_operations(file: Path) -> None:
    history = read(file.read_bytes())
    shortest = violations(history)[0].operations
    assert 0 < len(shortest) <= MOST_SHOWN
    assert len(shortest) < len(history.operations) or len(shortest) == 1


def test_every_fault_that_clients_must_notice_is_recorded() -> None:
    names = {fault.name.replace(" ", "-") for fault in all_faults() if fault.recorded}
    assert {file.stem for file in RECORDINGS} == names
