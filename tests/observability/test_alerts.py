"""What Prometheus and Grafana are told is understood by them, and is of metrics that there are."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from observability import metrics
from tools.environment import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
MANUAL = (ROOT / "docs" / "operating.md").read_text()
OTHERS = {"up"}  # Prometheus's own


def promtool(*arguments: str | Path) -> None:
    run = subprocess.run(
        ["promtool", *map(str, arguments)], check=False, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def rules() -> list[dict[str, Any]]:
    content = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())
    return [rule for group in content["groups"] for rule in group["rules"]]


def panels() -> Iterator[tuple[str, str]]:
    """Give the expressions of the dashboard, each with its panel's title."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m")


def defined() -> set[str]:
    """Return the names of all metrics, as they are written down."""
    described = {family.name: family.type for family in metrics.REGISTRY.collect()}
    described |= {
        each.name: each.kind for each in vars(metrics).values() if isinstance(each, metrics.Read)
    }
    return {f"{name}_total" if kind == "counter" else name for name, kind in described.items()}


def used(expression: str) -> set[str]:
    """Return the metrics of an expression."""
    plain = re.sub(r"\b(?:by|on) ?\([^)]*\)", "", re.sub(r"\{[^}]*\}", "", expression))
    names = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\bup\b", plain))
    functions = {"histogram_quantile", "max_over_time"}
    return {re.sub(r"_(bucket|count)$", "", name) if name not in defined() else name
            for name in names - functions}  # fmt: skip


def test_the_rules_and_the_configuration_are_valid() -> None:
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


def test_each_alert_fires_at_what_it_is_for_and_not_before_its_time() -> None:
    promtool("test", "rules", Path(__file__).with_name("alerts.yml"))


def test_each_alert_has_its_trial_and_says_in_the_manual_what_to_do() -> None:
    trials = yaml.safe_load(Path(__file__).with_name("alerts.yml").read_text())["tests"]
    fired = {
        case["alertname"]
        for trial in trials
        for case in trial["alert_rule_test"]
        if case.get("exp_alerts")
    }
    names = [rule["alert"] for rule in rules()]
    assert fired == set(names)
    assert [name for name in names if f"| {name} |" not in MANUAL] == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_each_alert_is_of_metrics_that_there_are(rule: dict[str, Any]) -> None:
    assert used(rule["expr"]) - defined() - OTHERS == set()


def test_the_dashboard_is_of_metrics_that_there_are_in_expressions_that_are_valid(
    tmp_path: Path,
) -> None:
    found = list(panels())
    assert len(found) > 20
    for title, expression in found:
        assert used(expression), title
        assert used(expression) - defined() - OTHERS == set(), title
    recorded = [{"record": f"panel:{n}", "expr": text} for n, (_, text) in enumerate(found)]
    (tmp_path / "panels.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]})
    )
    promtool("check", "rules", tmp_path / "panels.yml")


def test_the_manual_has_every_metric_of_ours() -> None:
    ours = {name for name in defined() if not name.startswith("process_")}
    assert len(ours) > 20
    assert {name for name in ours if f"`{name}`" not in MANUAL} == set()
