"""A register: the like of one user on one quote is a linearizable register, which a deletion ends.

Each operation takes effect at one moment between its call and its return. We follow the calls and
returns in their order, and keep every state that is possible (Lowe's just-in-time linearization):
the value, which pending operations have taken effect, and how many of those without an answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from tests.histories.operations import FIRST, NEVER, Kind, Operation, Outcome


class Value(Enum):
    """What the register holds."""

    NOT_LIKED = "not liked"
    LIKED = "liked"
    GONE = "gone with its quote"


# The value that an operation needs, and the one that it leaves.
_STEPS: dict[tuple[Kind, Outcome], tuple[Value, Value]] = {
    (Kind.LIKE, Outcome.DONE): (Value.NOT_LIKED, Value.LIKED),
    (Kind.LIKE, Outcome.ALREADY_LIKED): (Value.LIKED, Value.LIKED),
    (Kind.UNLIKE, Outcome.DONE): (Value.LIKED, Value.NOT_LIKED),
    (Kind.UNLIKE, Outcome.NOT_LIKED): (Value.NOT_LIKED, Value.NOT_LIKED),
}


@dataclass(frozen=True)
class _State:
    value: Value
    done: frozenset[int] = frozenset()  # places of pending operations that have taken effect
    likes: int = 0  # so many of the likes without an answer have
    unlikes: int = 0


@dataclass(kw_only=True)
class Register:
    """The operations on one register, in the order of their calls."""

    operations: Sequence[Operation]
    initial: Value = Value.NOT_LIKED
    gone_from: int = NEVER  # when its quote may be gone from
    faulty: bool = False
    _twice: set[int] = field(default_factory=set)

    def failing(self) -> tuple[int, int, Value] | None:
        """Return None if this is a register, else where it can't be one any more.

        That is the place of the operation whose return no order explains, the time at which its
        value was last certain, and that value.
        """
        self._twice = self._may_come_twice() if self.faulty else set()
        states = {_State(self.initial)}
        certain_from, certain_value = FIRST, self.initial
        pending: dict[int, Operation] = {}
        likes = unlikes = 0
        for time, is_return, place in self._moments():
            operation = self.operations[place]
            if not is_return:
                if is_unsure(operation):
                    likes += operation.kind is Kind.LIKE
                    unlikes += operation.kind is Kind.UNLIKE
                if operation.outcome is not Outcome.MAYBE:
                    pending[place] = operation
                continue
            reached = self._closure(states, pending, likes, unlikes, gone=time >= self.gone_from)
            states = {
                _State(state.value, state.done - {place}, state.likes, state.unlikes)
                for state in reached
                if place in state.done
            }
            if not states:
                return place, certain_from, certain_value
            states = _fewest(states)
            del pending[place]
            if not pending and len(values := {state.value for state in states}) == 1:
                certain_from, [certain_value] = time, values
        return None

    def _moments(self) -> list[tuple[int, bool, int]]:
        moments = [(one.called, False, place) for place, one in enumerate(self.operations)]
        moments += [
            (one.returned, True, place)
            for place, one in enumerate(self.operations)
            if one.outcome is not Outcome.MAYBE
        ]
        return sorted(moments)

    def _closure(
        self,
        states: Iterable[_State],
        pending: dict[int, Operation],
        likes: int,
        unlikes: int,
        *,
        gone: bool,
    ) -> set[_State]:
        """Return all states that can be reached without another call."""
        reached = set(states)
        todo = list(reached)
        while todo:
            state = todo.pop()
            following = [
                _State(value, state.done | {place}, state.likes, state.unlikes)
                for place, operation in pending.items()
                if place not in state.done
                for value in self._values_after(operation, place, state.value)
            ]
            if state.value is Value.NOT_LIKED and state.likes < likes:
                following.append(_State(Value.LIKED, state.done, state.likes + 1, state.unlikes))
            if state.value is Value.LIKED and state.unlikes < unlikes:
                changed = _State(Value.NOT_LIKED, state.done, state.likes, state.unlikes + 1)
                following.append(changed)
            if gone and state.value is not Value.GONE:
                following.append(_State(Value.GONE, state.done, state.likes, state.unlikes))
            for new in following:
                if new not in reached:
                    reached.add(new)
                    todo.append(new)
        return reached

    def _values_after(self, operation: Operation, place: int, value: Value) -> list[Value]:
        """Return the value that it may leave, if it may take effect now."""
        if operation.kind is Kind.READ:
            return [value] if operation.liked is (value is Value.LIKED) else []
        if operation.outcome is Outcome.NOT_FOUND:
            # Either service says so. But Likes knows each quote that somebody likes.
            liked = value is Value.LIKED and operation.kind is Kind.UNLIKE
            return [] if liked and operation.returned < self.gone_from else [value]
        needed, left = _STEPS[operation.kind, operation.outcome]
        if value is needed or (place in self._twice and value is left):
            return [left]
        return []

    def _may_come_twice(self) -> set[int]:
        """Return the likes that were given while the same user gave another.

        The gateway sends a like again whose connection broke; refused as given already, it takes it
        for its own.
        """
        done = [(n, one) for n, one in enumerate(self.operations) if one.outcome is Outcome.DONE]
        return {
            place
            for place, one in done
            for other_place, other in done
            if place != other_place and one.kind is other.kind and one.overlaps(other)
        }


def is_unsure(operation: Operation) -> bool:
    """Return whether it may take effect, too: what is not found may have been there before."""
    changes = operation.kind in (Kind.LIKE, Kind.UNLIKE)
    return changes and operation.outcome in (Outcome.MAYBE, Outcome.NOT_FOUND)


def _fewest(states: set[_State]) -> set[_State]:
    """Leave out states that another equals with fewer effects of what had no answer."""
    if len(states) == 1:
        return states
    return {
        one
        for one in states
        if not any(
            other is not one
            and (other.value, other.done) == (one.value, one.done)
            and other.likes <= one.likes
            and other.unlikes <= one.unlikes
            for other in states
        )
    }
