"""Execute operations as graphql-core does, the plain parts by a shorter way.

graphql-core asks of each field, for each row, what the schema and the document say of it. That is
the same for all rows, and for all requests with the same document, so it is found out once here,
as a plan. What is not plain (an error, a null where none may be, a value of another type than the
schema says, input objects, abstract types) goes graphql-core's own way, for that field alone. So
the data are the same: tests/gateway/execution/test_compiled.py compares them.

All resolvers must be plain functions: nothing is awaited here.
"""

from typing import Any, Self, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import CollectedErrors
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.execution.compiled.plans import Plan, Plans, make_plan
from gateway.execution.compiled.selected_field import Completer

_MAX_COERCION_ERRORS = 50  # as graphql-core has it


class CompiledExecution(StrawberryGraphQLCoreExecutionContext):
    """The execution of one request."""

    def __init__(self, *args: Any, plans: Plans, **others: Any) -> None:
        super().__init__(*args, **others)
        self._plans = plans
        self._relevant_sub_fields = plans.sub_fields

    @classmethod
    def of_request(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        plans: Plans,
        context: Any,
        variables: dict[str, Any],
        root_value: Any = None,
        operation_name: str | None = None,
        hide_suggestions: bool = False,
    ) -> Self | list[GraphQLError]:
        """Return the execution of an operation, or what is wrong with its variables."""
        if plans.first is None:
            built = cls.build(
                schema,
                document,
                raw_variable_values=variables,
                operation_name=operation_name,
                hide_suggestions=hide_suggestions,
                plans=plans,
            )
            if isinstance(built, list):
                return built
            built.variable_values = VariableValues({}, {})  # they are one request's alone
            plans.first = cast("Self", built)
        return cast("Self", plans.first)._again(context, root_value, variables)

    def _again(
        self, context: Any, root_value: Any, variables: dict[str, Any]
    ) -> Self | list[GraphQLError]:
        """Return an execution of the same operation, with anew what belongs to one request."""
        values = self.variable_values
        if self.operation.variable_definitions:
            coerced = get_variable_values(
                self.schema,
                self.operation.variable_definitions,
                variables,
                max_errors=_MAX_COERCION_ERRORS,
                hide_suggestions=self.hide_suggestions,
            )
            if isinstance(coerced, list):
                return coerced
            values = coerced
        another = object.__new__(type(self))
        another.__dict__.update(self.__dict__)
        another.context_value = context
        another.root_value = root_value
        another.variable_values = values
        another.collected_errors = CollectedErrors()
        return another

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute the operation, its root's fields collected once for all requests."""
        root = self._plans.root
        if root is None or self.operation.operation is not OperationType.QUERY:
            return super().execute_operation(serially)
        root_type, fields = root
        try:
            data = self.execute_fields(root_type, self.root_value, None, fields, None)
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            return ExecutionResult(None, self.collected_errors.errors)
        return ExecutionResult(data, self.collected_errors.errors or None)

    def execute_collected_root_fields(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: GroupedFieldSet,
        serially: bool,
        new_defer_usages: Any,
    ) -> Any:
        """Execute the root's fields, those collected first standing for all that are like them."""
        root = self._plans.root
        if root is None:
            root = self._plans.root = (root_type, grouped_field_set)
        return super().execute_collected_root_fields(
            root_type, root_value, root[1], serially, new_defer_usages
        )

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> dict[str, Any]:
        """Complete the selected fields of an object."""
        return self._plan(parent_type, grouped_field_set).complete(self, source_value, path)

    def completer(self, object_type: GraphQLObjectType, details: FieldDetailsList) -> Completer:
        """Return what completes the objects of a field."""
        return self._plan(object_type, self.collect_subfields(object_type, details)[0]).complete

    def _plan(self, object_type: GraphQLObjectType, selected: GroupedFieldSet) -> Plan:
        plan = self._plans.found.get(id(selected))
        if plan is None:
            plan = make_plan(self.schema, object_type, selected)
            self._plans.found[id(selected)] = plan
        return plan
