"""The suites that `make test` runs, each in a process with the settings that it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Suite:
    """Tests that run in one process (and its workers), since Django has one settings module."""

    folders: Sequence[str]
    settings: str
    postgresql: bool = False
    workers: int = 2
    besides: Sequence[str] = ()
    on_request: bool = False  # only where a word of its name is given
    # What turns the fast paths off: the tests then run the plain way.
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the report calls it."""
        plain = " the plain way" if self.environment else ""
        return f"{' '.join(self.folders)} on {'PostgreSQL' if self.postgresql else 'SQLite'}{plain}"


CHAOS = "tests/system/chaos"
FUZZING = "tests/system/fuzzing"
ENGINE = "tests/compose/engine"
# What `make test` breaks; `make chaos` breaks all, many times over.
SHORT_CHAOS = [f"{CHAOS}/test_fault_points.py"]
RESTORING = "tests/system/test_restoring.py"
# These share no running product with the others, so that both lanes have a part of tests/system.
ALONE = [f"tests/system/test_{name}.py" for name in ("make_run", "third_service", "traces")]
SUITES = [
    # The longest first.
    Suite(
        ["tests/system"],
        "gateway.settings",
        workers=0,
        besides=[CHAOS, FUZZING, RESTORING, *ALONE],
    ),
    Suite(ALONE, "gateway.settings", workers=0),
    Suite(["tests/gateway", "tests/identity"], "gateway.settings"),
    Suite(
        ["tests/gateway"],
        "gateway.settings",
        environment={"GRAPHQL_COMPILED": "0", "UPSTREAM_TRANSPORT": "requests"},
    ),
    Suite(
        ["tests/database", "tests/web", "tests/rest", "tests/quotes_service"],
        "quotes_service.settings",
    ),
    Suite(["tests/likes_service"], "likes_service.settings"),
    Suite(["tests/messaging"], "tests.messaging.settings"),
    Suite(["tests/database", "tests/quotes_service"], "quotes_service.settings", postgresql=True),
    Suite(["tests/likes_service"], "likes_service.settings", postgresql=True),
    # The brokers' conformance touches no database.
    Suite(
        ["tests/messaging"],
        "tests.messaging.settings",
        postgresql=True,
        besides=["tests/messaging/conformance"],
    ),
    Suite(
        [
            "tests/messaging/conformance",
            "tests/messaging/rabbitmq",
            "tests/messaging/test_consumer.py",
            "tests/messaging/test_relay.py",
        ],
        "tests.messaging.settings",
        besides=["tests/messaging/rabbitmq/fast"],
        environment={"AMQP_FAST": "0"},
    ),
    Suite(
        ["tests/tools", "tests/planted", "tests/histories", "tests/observability"],
        "gateway.settings",
    ),
    Suite(["tests/simulation", "tests/upgrades"], "tests.simulation.settings", workers=0),
    Suite(["tests/page"], "gateway.settings"),
    Suite(["tests/compose"], "gateway.settings", workers=0, besides=[ENGINE]),
    # What the file says goes with what it does, so that some tests run where there is no engine.
    Suite(
        ["tests/compose/test_compose_file.py", ENGINE],
        "gateway.settings",
        workers=0,
        on_request=True,
    ),
    Suite([FUZZING], "gateway.settings", workers=0),
    Suite(SHORT_CHAOS, "gateway.settings", workers=0),
    Suite([RESTORING, CHAOS], "gateway.settings", workers=0, on_request=True),
]


def settings_of(path: str) -> str:
    """Return the settings under which the tests at a path run."""
    holds = (
        (len(folder), suite.settings)
        for suite in SUITES
        for folder in suite.folders
        if path.startswith(folder)
    )
    return max(holds)[1]
