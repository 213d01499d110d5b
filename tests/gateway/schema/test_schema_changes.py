"""What frontends rely on is not taken from them in silence."""

from pathlib import Path

from graphql import build_schema, find_breaking_changes

ROOT = Path(__file__).parents[3]
# The schema of the last release. It is replaced by schema.graphql when a release is made.
RELEASED = ROOT / "tests" / "contracts" / "graphql" / "released.graphql"


def breaking(released: str, now: str) -> list[str]:
    changes = find_breaking_changes(build_schema(released), build_schema(now))
    return [change.description for change in changes]


def unreleased() -> str:
    """Answer what CHANGELOG.md says of the coming release."""
    text = (ROOT / "CHANGELOG.md").read_text()
    return text.partition("## Unreleased")[2].partition("\n## ")[0]


def test_a_breaking_change_is_named_in_the_changelog() -> None:
    found = breaking(RELEASED.read_text(), (ROOT / "schema.graphql").read_text())
    missing = [change for change in found if change not in unreleased()]
    assert missing == [], "name each in CHANGELOG.md, in these words, or take it back"


def test_a_field_that_is_taken_away_would_be_found() -> None:
    released = "type Query { quotes: Int quote: Int }"
    assert breaking(released, "type Query { quotes: Int }") == ["Field Query.quote was removed."]
