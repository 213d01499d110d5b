"""The schema that clients build on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    get_introspection_query,
)

from tests.gateway.graphql import GraphQL

SCHEMA_FILE = Path(__file__).parents[3] / "schema.graphql"


def test_the_printed_schema_is_the_one_in_the_repository(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("print_schema")
    assert capsys.readouterr().out == SCHEMA_FILE.read_text(), (
        "run: python gateway/manage.py print_schema > schema.graphql"
    )


def _described() -> Iterator[tuple[str, str | None]]:
    schema = build_schema(SCHEMA_FILE.read_text())
    for name, type_ in schema.type_map.items():
        if name.startswith("__") or name in {"String", "Int", "ID", "Boolean", "Float"}:
            continue
        yield name, type_.description
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}({argument_name})", argument.description
        if isinstance(type_, GraphQLEnumType):
            for value_name, value in type_.values.items():
                yield f"{name}.{value_name}", value.description


def test_everything_in_the_schema_is_described() -> None:
    assert [name for name, description in _described() if not description] == []


def test_nothing_at_the_root_can_take_the_rest_down_by_being_null() -> None:
    schema = build_schema(SCHEMA_FILE.read_text())
    for root in (schema.query_type, schema.mutation_type):
        assert root is not None
        assert [n for n, field in root.fields.items() if str(field.type).endswith("!")] == []


def test_the_standard_introspection_query_is_answered(ask: GraphQL) -> None:
    body = ask(get_introspection_query(input_value_deprecation=True, directive_is_repeatable=True))
    assert "errors" not in body
    assert body["data"]["__schema"]["mutationType"]["name"] == "Mutation"
