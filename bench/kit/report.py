"""The results of a benchmark: a table on the screen, and JSON under bench/results/."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.kit.rounds import Figures, medians, ratio

RESULTS = Path(__file__).parents[1] / "results"
_COUNTS = frozenset({"requests", "events"})  # how much was done, which is no result


@dataclass
class Report:
    """All rounds of all contestants, shown as medians and as ratios to the yardsticks."""

    name: str
    found: Mapping[str, Sequence[Figures]]
    ours: str
    yardsticks: Sequence[str]

    def as_json(self) -> dict[str, object]:
        """Return the results with the machine that they are of."""
        return {
            "benchmark": self.name,
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "rounds": len(self.found[self.ours]),
            "medians": {name: medians(rounds) for name, rounds in self.found.items()},
            "ratios": {
                name: {
                    figure: ratio(self.found, self.ours, name, figure) for figure in self._figures()
                }
                for name in self.yardsticks
            },
        }

    def show(self) -> None:
        """Print the table, and write the JSON."""
        results = self.as_json()
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{self.name}.json").write_text(json.dumps(results, indent=2) + "\n")
        print(self.as_table())

    def as_table(self) -> str:
        """Return the table in Markdown: medians, and in brackets ours divided by theirs."""
        figures = self._figures()
        rows = [["", *figures], ["---", *("---:" for _ in figures)]]
        for name, rounds in self.found.items():
            values = medians(rounds)
            cells = [_shown(values[figure]) for figure in figures]
            if name in self.yardsticks:
                ratios = [ratio(self.found, self.ours, name, figure) for figure in figures]
                cells = [
                    f"{cell} ({_shown(each)})" for cell, each in zip(cells, ratios, strict=True)
                ]
            rows.append([name, *cells])
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def _figures(self) -> list[str]:
        return [figure for figure in self.found[self.ours][0] if figure not in _COUNTS]


def machine() -> str:
    """Return what it was measured on."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    versions = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} processors ({model}), {versions}"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
