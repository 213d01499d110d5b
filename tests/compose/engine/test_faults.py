"""What happens to the deployment while its parts crash, stop, multiply and are upgraded."""

from pathlib import Path

import pytest
import requests

from tests.compose.compose_file import read_file
from tests.compose.engine.deployment import UP, URL, Deployment
from tests.compose.engine.writing import Writer
from tests.system.clients import Refused, User, register
from tools import children

PATIENCE = 120.0  # seconds
PARTS = [
    "rabbitmq", "likes", "postgres",
    "quotes-relay", "likes-relay", "quotes-consumer", "likes-consumer",
]  # fmt: skip
BROKEN = """from django.db import migrations


def fail(apps, editor):
    raise RuntimeError("this migration fails")


class Migration(migrations.Migration):
    dependencies = [("quotes_service", "{before}")]
    operations = [migrations.RunPython(fail)]
"""


def _can_write(user: User) -> bool:
    try:
        return user.like(user.create("Still here")) == 1
    except (Refused, requests.RequestException):
        return False


def _in_step(deployment: Deployment, confirmed: set[str]) -> bool:
    counted, kept = deployment.likes()
    return deployment.outbox() == 0 and counted == kept and len(kept) >= len(confirmed)


@pytest.mark.parametrize("time", range(6))
def test_it_heals_when_gateway_and_likes_crash_at_once(deployment: Deployment, time: int) -> None:
    """Their addresses may be each other's afterwards."""
    user = register(f"{URL}/graphql")
    deployment.crash("gateway", "likes")
    children.wait_until(
        lambda: _can_write(user), patience=PATIENCE, what="users can write again", pause=0.5
    )


def test_a_second_gateway_comes_and_goes_under_requests(deployment: Deployment) -> None:
    user = register(f"{URL}/graphql")
    writer = Writer(register(f"{URL}/graphql"))
    with writer.at_work():
        for number in ("2", "1"):
            deployment.compose(*UP, "--no-recreate", "--scale", f"gateway={number}")
            children.wait_until(
                lambda: _can_write(user), patience=PATIENCE, what="users can write", pause=0.5
            )
    assert writer.confirmed
    assert all(_can_write(user) for _ in range(10))  # none goes to the one that is gone


@pytest.mark.parametrize("part", PARTS)
def test_counts_are_exact_when_a_part_has_been_away(deployment: Deployment, part: str) -> None:
    writer = Writer(register(f"{URL}/graphql"))
    with writer.at_work():
        deployment.compose("stop", part)
        before = writer.tried
        children.wait_until(
            lambda: writer.tried > before + 5, patience=PATIENCE, what="users try to write"
        )
        deployment.compose("start", part)
        confirmed = len(writer.confirmed)
        children.wait_until(
            lambda: len(writer.confirmed) > confirmed, patience=PATIENCE, what="they can write"
        )
    children.wait_until(
        lambda: _in_step(deployment, writer.confirmed),
        patience=PATIENCE,
        what="both services are in step",
        pause=0.5,
    )


def test_a_migration_that_fails_ends_with_its_reason_and_the_old_goes_on(
    deployment: Deployment,
) -> None:
    user = register(f"{URL}/graphql")
    folder = deployment.folder / "quotes_service" / "migrations"
    before = max(path.stem for path in folder.glob("[0-9]*.py"))
    broken = folder / "9999_broken.py"
    broken.write_text(BROKEN.format(before=before))
    try:
        run = deployment.machine.try_to("sh", "docker/upgrade.sh", folder=deployment.folder)
        assert run.returncode != 0
        assert "this migration fails" in run.stdout + run.stderr
        assert _can_write(user)
        plain = deployment.try_to(*UP, "--build")
        assert plain.returncode != 0
        assert "quotes-setup" in plain.stderr
    finally:
        broken.unlink()
    # The way back, as the manual has it.
    deployment.machine.run("docker", "image", "tag", "quotes-in-step:before", "quotes-in-step")
    deployment.compose(*UP, "--no-build")
    assert _can_write(user)


def test_every_container_ends_well_and_what_was_written_is_there_afterwards(
    deployment: Deployment,
) -> None:
    user = register(f"{URL}/graphql")
    quote_id = user.create("Kept")
    deployment.compose("stop")
    codes = {name: each["State"]["ExitCode"] for name, each in deployment.containers().items()}
    deployment.compose("down")
    deployment.compose(*UP)
    all_services = read_file()["services"]
    usual = {f"{name}-1" for name, each in all_services.items() if "profiles" not in each}
    assert set(codes) == usual
    assert set(codes.values()) == {0}, codes
    assert user.ask("query Q($id: ID!) { quote(id: $id) { title } }", id=quote_id) == {
        "quote": {"title": "Kept"}
    }


def test_a_dump_is_restored_as_the_manual_says(deployment: Deployment) -> None:
    user = register(f"{URL}/graphql")
    quote_id = user.create("In the dump")
    manual = (Path(__file__).parents[3] / "docs" / "operating.md").read_text()
    section = manual.split("### Backup and restore", 1)[1].split("\n#", 1)[0]
    lines = [line[2:] for line in section.splitlines() if line.startswith("$ ")]
    assert len(lines) == 6
    for number, line in enumerate(lines):
        deployment.machine.run("sh", "-c", line, folder=deployment.folder)
        if number == 1:  # both are dumped
            user.delete(quote_id)
    [[title]] = deployment.sql(
        "quotes", "SELECT title FROM quotes_service_quote ORDER BY id DESC LIMIT 1"
    )
    assert title == "In the dump"
