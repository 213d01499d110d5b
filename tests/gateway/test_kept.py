"""What is kept for later requests has bounds, in number and in bytes."""

from gateway.kept import Kept


def test_the_value_least_lately_used_is_forgotten_first() -> None:
    kept: Kept[str, int] = Kept(most_bytes=100)
    kept.put("a", 1, 10, most=2)
    kept.put("b", 2, 10, most=2)
    assert kept.get("a") == 1
    kept.put("c", 3, 10, most=2)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]


def test_values_are_forgotten_until_the_others_are_small_enough() -> None:
    kept: Kept[str, int] = Kept(most_bytes=100)
    for number, key in enumerate("abcd"):
        kept.put(key, number, 30, most=10)
    kept.put("e", 4, 70, most=10)
    assert [kept.get(key) for key in "abcde"] == [None, None, None, 3, 4]
    assert (kept.number, kept.bytes) == (2, 100)


def test_what_is_larger_than_all_may_be_is_not_kept() -> None:
    kept: Kept[str, int] = Kept(most_bytes=100)
    kept.put("a", 1, 101, most=10)
    assert (kept.get("a"), kept.bytes) == (None, 0)


def test_a_value_put_again_counts_once() -> None:
    kept: Kept[str, int] = Kept(most_bytes=100)
    for _ in range(5):
        kept.put("a", 1, 60, most=10)
    assert (kept.get("a"), kept.bytes) == (1, 60)
    kept.clear()
    assert (kept.get("a"), kept.bytes) == (None, 0)
