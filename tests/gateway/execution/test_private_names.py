"""What graphql-core and strawberry keep to themselves, and the gateway uses all the same.

pyproject.toml pins the versions that have these names.
"""

import enum
import inspect
import re
from importlib import import_module

import pytest
import strawberry
from graphql.execution.executor import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from gateway.execution.compiled.execution import CompiledExecution
from tools.environment import ROOT

# Names that no manual has: of which module, and of what in it.
UNDOCUMENTED = [
    ("graphql.execution.collect_fields", "FieldDetails"),
    ("graphql.execution.collect_fields", "FieldDetailsList"),
    ("graphql.execution.collect_fields", "GroupedFieldSet"),
    ("graphql.execution.executor", "CollectedErrors"),
    ("graphql.execution.executor", "Executor"),
    ("graphql.execution.values", "VariableValues"),
    ("graphql.validation.rules.overlapping_fields_can_be_merged", "MAX_COMPLEXITY_BUDGET"),
    ("graphql.validation.validate", "ValidationAbortedError"),
    ("strawberry.schema.schema_converter", "GraphQLCoreConverter"),
    ("strawberry.types.arguments", "StrawberryArgument"),
    ("strawberry.types.enum", "StrawberryEnumDefinition"),
    ("strawberry.utils.str_converters", "to_camel_case"),
]
# What the compiled execution overrides, or calls, of the one that it is made from.
OVERRIDDEN = {
    "__init__", "execute_operation", "execute_collected_root_fields", "execute_fields"
}  # fmt: skip
CALLED = {
    "build", "build_resolve_info", "collect_subfields", "complete_value", "execute_field",
    "handle_field_error",
}  # fmt: skip
UNDERSCORED = {
    "_raw_info": strawberry.Info,
    "_schema": strawberry.Schema,
    "_value_": enum.Enum,
}


@pytest.mark.parametrize(("module", "name"), UNDOCUMENTED)
def test_what_no_manual_has_is_there(module: str, name: str) -> None:
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("name", sorted(OVERRIDDEN))
def test_what_is_overridden_is_what_the_library_calls(name: str) -> None:
    assert name in vars(CompiledExecution)
    theirs = inspect.signature(getattr(StrawberryGraphQLCoreExecutionContext, name))
    ours = inspect.signature(getattr(CompiledExecution, name))
    assert name == "__init__" or list(ours.parameters) == list(theirs.parameters)


@pytest.mark.parametrize("name", sorted(CALLED))
def test_what_is_called_is_a_method_of_the_library(name: str) -> None:
    assert callable(getattr(StrawberryGraphQLCoreExecutionContext, name))


def test_sub_fields_are_remembered_where_the_library_looks_for_them() -> None:
    assert "_relevant_sub_fields" in inspect.getsource(
        StrawberryGraphQLCoreExecutionContext.collect_subfields
    )


def test_a_field_and_its_resolver_say_what_is_asked_of_them() -> None:
    for name in ("is_basic_field", "base_resolver", "is_async"):
        assert hasattr(StrawberryField, name)
    for name in ("signature", "self_parameter", "info_parameter", "root_parameter"):
        assert hasattr(StrawberryResolver, name)


def test_no_other_name_with_an_underscore_is_used_of_a_library() -> None:
    ours = set()
    used = set()
    for file in (ROOT / "gateway").rglob("*.py"):
        text = file.read_text()
        ours |= set(re.findall(r"(?:def |class |self\.)(_[a-z]\w*)|^(_\w+)\b", text, re.MULTILINE))
        used |= set(re.findall(r"(?<!self)(?<!cls)\.(_[a-z]\w*)", text))
    defined = {name for pair in ours for name in pair if name}
    assert used - defined <= set(UNDERSCORED)
    for name, where in UNDERSCORED.items():
        assert name in inspect.getsource(where)


def test_the_execution_that_is_built_on_is_graphql_cores() -> None:
    assert issubclass(CompiledExecution, StrawberryGraphQLCoreExecutionContext)
    assert issubclass(StrawberryGraphQLCoreExecutionContext, Executor)
