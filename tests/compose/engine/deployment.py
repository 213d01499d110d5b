"""The product deployed on the machine: a copy of the checkout, with secrets of its own in .env."""

import json
import secrets
import shutil
import subprocess
from typing import Any

from tests import checkouts
from tests.compose.engine.machine import Machine
from tests.compose.engine.places import WORK
from tests.compose.keys import pem

URL = "http://127.0.0.1:8000"
UP = ("up", "--detach", "--wait", "--wait-timeout", "180")


class Deployment:
    """What `docker compose` runs there."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.folder = WORK / "checkout"
        self.secrets = {
            "DJANGO_SECRET_KEY": secrets.token_hex(32),
            "JWT_PRIVATE_KEY": pem(),
            "POSTGRES_PASSWORD": secrets.token_hex(24),
            "QUOTES_DATABASE_PASSWORD": secrets.token_hex(24),
            "LIKES_DATABASE_PASSWORD": secrets.token_hex(24),
            "RABBITMQ_PASSWORD": secrets.token_hex(24),
        }
        self.make_checkout()

    def make_checkout(self) -> None:
        """Have the files of the checkout there, as they are here."""
        shutil.rmtree(self.folder, ignore_errors=True)
        checkouts.copy(self.folder)
        # The tests register many users from one address.
        variables = {**self.secrets, "REGISTRATION_RATE": ""}
        lines = [f"{name}={value}\n" for name, value in variables.items()]
        (self.folder / ".env").write_text("".join(lines))

    def compose(self, *arguments: str, **environment: str) -> str:
        """Run `docker compose`, and return what it prints. Raise Failed."""
        return self.machine.run(
            "docker", "compose", *arguments, folder=self.folder, environment=environment
        )

    def try_to(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `docker compose`, and return how it ended."""
        return self.machine.try_to("docker", "compose", *arguments, folder=self.folder)

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what the engine knows of each container, by its name, those that ended, too."""
        ids = self.compose("ps", "--all", "--quiet").split()
        if not ids:
            return {}
        found = json.loads(self.machine.run("docker", "inspect", *ids))
        return {each["Name"].removeprefix("/quotes-"): each for each in found}

    def crash(self, *services: str) -> None:
        """End the first process of each at once, as the system does that runs out of memory."""
        containers = self.containers()
        pids = [str(containers[f"{service}-1"]["State"]["Pid"]) for service in services]
        self.machine.run("kill", "-9", *pids)

    def sql(self, database: str, query: str) -> list[list[str]]:
        """Return the rows of a query."""
        text = self.compose(
            "exec", "-T", "postgres", "psql", "-U", "postgres", "-At", "-F", "\t", database,
            "-c", query,
        )  # fmt: skip
        return [line.split("\t") for line in text.splitlines()]

    def likes(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return the likes of each quote as Quotes counts them, and as Likes keeps them."""
        counted = self.sql("quotes", "SELECT id, likes FROM quotes_service_quote WHERE likes <> 0")
        kept = self.sql(
            "likes", "SELECT quote_id, count(*) FROM likes_service_like GROUP BY quote_id"
        )
        return {each: int(n) for each, n in counted}, {each: int(n) for each, n in kept}

    def outbox(self) -> int:
        """Return how many events wait in both outboxes."""
        return sum(
            int(self.sql(database, "SELECT count(*) FROM messaging_outbox")[0][0])
            for database in ("quotes", "likes")
        )
