"""A service's database is restored from a backup, or fails over to an older state of itself."""

import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.system.backups import back_up, restore
from tests.system.clients import Refused, User, number_of
from tests.system.load import under_load
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until
from tools.product import CommandFailed

SERVICES = ("quotes", "likes")


def title(kind: str) -> str:
    """Return a text that no other quote has: the books know quotes by theirs."""
    return f"{kind} {uuid.uuid4().hex}"


@dataclass
class World:
    """Some quotes and users, and what happened to them before the backup and after it."""

    users: list[User]
    kept: str
    changed: str
    doomed: str
    lost: dict[str, str] = field(default_factory=dict)  # id to title
    late: list[str] = field(default_factory=list)  # titles written after the restore

    @classmethod
    def before(cls, stack: Stack) -> "World":
        """Make what the backup has."""
        users = stack.users(3)
        kept, changed, doomed = (users[0].create(title("Kept")) for _ in range(3))
        world = cls(users, kept, changed, doomed)
        for quote_id in (kept, doomed):
            for user in users:
                user.like(quote_id)
        stack.wait_until_agreed()
        return world

    def go_on(self) -> None:
        """Do what no backup has: each kind of write."""
        ann, bob = self.users[:2]
        for _ in range(3):
            text = title("Lost")
            quote_id = ann.create(text)
            self.lost[quote_id] = text
            bob.like(quote_id)
        ann.update(self.changed, title("Changed"))

    def is_refused(self) -> bool:
        """Write and like a quote, and return whether that is refused.

        Where nobody could be asked yet, a process takes some writes before it finds it out.
        """
        text = title("Late")
        try:
            quote_id = self.users[0].create(text)
            self.late.append(text)
            self.users[0].like(quote_id)
        except Refused as error:
            if "UPSTREAM_UNAVAILABLE" not in str(error):
                raise
            return True
        return False

    def finish_off(self) -> None:
        """Do what can be done once."""
        ann, bob, cleo = self.users
        bob.unlike(self.kept)
        cleo.like(self.changed)
        ann.delete(self.doomed)


@pytest.mark.parametrize("restored", [["quotes"], ["likes"], ["quotes", "likes"]], ids="+".join)
def test_after_a_restore_one_command_a_service_brings_both_in_step(
    stack: Stack, restored: list[str], tmp_path: Path
) -> None:
    world = World.before(stack)
    back_up(stack, "quotes", tmp_path / "quotes")
    world.go_on()
    stack.wait_until_agreed()
    back_up(stack, "likes", tmp_path / "likes")
    world.finish_off()
    stack.wait_until_agreed()
    # What the other side has not handled when the database is lost is worse: it comes afterwards.
    others = [f"{service}-consumer" for service in SERVICES if service not in restored]
    for name in others:
        stack.supervisor.hold(name)
    world.go_on()
    wait_until(
        lambda: stack.outbox("quotes") == stack.outbox("likes") == 0,
        patience=PATIENCE,
        what="all is published",
    )
    for service in restored:
        restore(stack, service, tmp_path / service)
    # Of both, the first is the older one.
    assert_past(stack, world, restored[0], both=len(restored) > 1)
    for service in restored:
        told = json.loads(stack.manage(f"{service}_service", "finish_restore", "--json"))
        assert told["published"] > 0
    for name in others:
        stack.supervisor.release(name)
    stack.product.wait_until_ready()
    stack.wait_until_agreed()
    assert_usable(stack, world, restored)
    with under_load(stack, seed=5) as load:
        load.wait_for_more(60)
    for service in SERVICES:
        assert status(stack, service) == []


def assert_past(stack: Stack, world: World, service: str, *, both: bool) -> None:
    """Both readiness and the status say it, and soon nothing can be written."""
    wait_until(
        lambda: past(stack, service), patience=PATIENCE, what="readiness says that it is past"
    )
    assert any("in the past" in problem for problem in status(stack, service))
    if not both:
        assert world.is_refused()  # at once, since the other one could be asked all the time
    wait_until(world.is_refused, patience=PATIENCE, what="nothing can be written")


def past(stack: Stack, service: str) -> bool:
    checks: Any = stack.product.status(service).get("checks", {})
    return bool(checks.get("history") == "past")


def status(stack: Stack, service: str) -> list[str]:
    """Return the problems that `messages status` tells of."""
    try:
        shown = stack.manage(f"{service}_service", "messages", "status", "--json")
    except CommandFailed as error:
        shown = str(error).partition("failed:\n")[2]
    problems: list[str] = json.loads(shown)["problems"]
    return problems


def assert_usable(stack: Stack, world: World, restored: list[str]) -> None:
    """No id is given twice, what was restored can be liked, and each count shown is exact."""
    ann, bob = world.users[:2]
    new = ann.create(title("New"))
    titles = {text for text, _ in stack.quotes().values()}
    assert titles.issuperset(world.late)
    if "quotes" in restored:
        assert number_of(new) > max(map(number_of, world.lost))
        assert titles.isdisjoint(world.lost.values())
        if "likes" in restored:
            assert ann.likes(world.doomed) == len(world.users)
        else:
            assert bob.like(world.doomed) == 1  # its likes went with it
    else:
        assert titles.issuperset(world.lost.values())
        assert ann.likes(world.doomed) is None
    assert bob.like(new) == 1
    for user in world.users:
        for quote_id in (world.kept, world.changed):
            stack.wait_until_agreed()
            likes = (number_of(user.id), number_of(quote_id)) in stack.pairs()
            shown = (user.unlike if likes else user.like)(quote_id)
            assert shown == stack.likes().get(number_of(quote_id), 0)
