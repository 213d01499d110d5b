"""Prometheus of Debian's package, which looks at the running product by the rules of deploy/."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import yaml

from tests.system.stack import PATIENCE, Stack
from tools import children
from tools.environment import ROOT
from tools.ports import HOST, free_port
from tools.product import PORT_OF

SCRAPE_SECONDS = 2
# What takes minutes in production takes seconds here: how long something lasts before it is told,
# and the windows of rates. What a rule calls too much stays as it is.
_QUICKER = (
    (re.compile(r"\bfor: \d+m"), "for: 1s"),
    (re.compile(r"\[5m\]"), "[20s]"),
    (re.compile(r"\[1m\]"), "[10s]"),
)


class Prometheus:
    """A server that looks at a product."""

    def __init__(self, port: int) -> None:
        self._url = f"http://{HOST}:{port}"

    def ready(self) -> bool:
        """Return whether it answers."""
        try:
            return requests.get(f"{self._url}/-/ready", timeout=10).ok
        except requests.ConnectionError:
            return False

    def alerts(self) -> dict[str, str]:
        """Return the alerts that fire or are about to, each with where."""
        found = requests.get(f"{self._url}/api/v1/alerts", timeout=30).json()["data"]["alerts"]
        return {each["labels"]["alertname"]: str(each["labels"]) for each in found}

    def firing(self) -> set[str]:
        """Return the alerts that fire."""
        found = requests.get(f"{self._url}/api/v1/alerts", timeout=30).json()["data"]["alerts"]
        return {each["labels"]["alertname"] for each in found if each["state"] == "firing"}

    def value(self, expression: str) -> float:
        """Return the value of an expression that is one number; 0 if there is none."""
        found = requests.get(
            f"{self._url}/api/v1/query", params={"query": expression}, timeout=30
        ).json()["data"]["result"]
        return float(found[0]["value"][1]) if found else 0.0

    def wait_for(self, *names: str, patience: float = 2 * PATIENCE) -> None:
        """Wait until all of these fire. Raise TimeoutError that says which do."""
        try:
            children.wait_until(
                lambda: self.firing() >= set(names), patience=patience, what="fires", pause=0.5
            )
        except TimeoutError:
            missing = set(names) - self.firing()
            raise TimeoutError(f"{missing} don't fire, but {self.alerts()}") from None

    def wait_until_quiet(self) -> None:
        """Wait until nothing fires, nor is about to."""
        children.wait_until(
            lambda: not self.alerts(), patience=2 * PATIENCE, what="no alert", pause=0.5
        )


@contextmanager
def watching(stack: Stack, folder: Path) -> Iterator[Prometheus]:
    """Have it look at all processes of the product meanwhile."""
    rules = (ROOT / "deploy" / "prometheus" / "rules.yml").read_text()
    for pattern, quicker in _QUICKER:
        rules, times = pattern.subn(quicker, rules)
        assert times, pattern
    (folder / "rules.yml").write_text(rules)
    asked = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    seconds = f"{SCRAPE_SECONDS}s"
    asked["global"] = {
        "scrape_interval": seconds,
        "scrape_timeout": seconds,
        "evaluation_interval": "1s",
    }
    for job in asked["scrape_configs"]:
        place = f"{HOST}:{stack.product.ports[PORT_OF[job['job_name']]]}"
        job["static_configs"] = [{"targets": [place]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(asked))
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={HOST}:{port}",
        "--log.level=warn",
    ]
    process = children.spawn(
        command, environment=stack.environment, folder=folder, output=subprocess.DEVNULL
    )
    try:
        prometheus = Prometheus(port)
        children.wait_until(prometheus.ready, patience=PATIENCE, what="Prometheus answers")
        yield prometheus
    finally:
        children.stop(process, number=15, patience=10)
