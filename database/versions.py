"""Versions of what others keep replicas of, and which of two states of one thing they keep.

A version grows by one with each change, and the deletion is one more. After a backup was restored
the versions begin a new life, at the next million. Whatever of it wins over all of the lost life,
be it a deletion; within one life a deletion is final.
"""

VERSIONS_A_LIFE = 1_000_000


def rank(deleted: bool, version: int) -> tuple[int, bool, int]:
    """Return how a state compares with others of the same thing: the higher is to be kept."""
    return (version // VERSIONS_A_LIFE, deleted, version)


def rank_in_sql(row: str) -> str:
    """Return the same of a row."""
    return f"({row}.version / {VERSIONS_A_LIFE}, {row}.deleted, {row}.version)"


def next_life(version: int) -> int:
    """Return the first version of the life after that of a version."""
    return (version // VERSIONS_A_LIFE + 1) * VERSIONS_A_LIFE
