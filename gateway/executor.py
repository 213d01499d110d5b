"""Executes operations as graphql-core does, the plain parts of an answer by a shorter way.

graphql-core asks of each field, for each row, what the schema and the document say of it. That is
the same for all rows, and for all requests with the same document, so it is found out once here,
as a plan. What is not plain (an error, a null where none may be, a value of another type than the
schema says, arguments, abstract types) goes graphql-core's own way, for that field alone. So the
answers are the same: tests/gateway/test_executor.py compares them.

All resolvers must be plain functions: nothing is awaited here.
"""

from typing import Any

from graphql import GraphQLObjectType, Undefined
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.plans import Plans, make_plan


class PlannedExecution(StrawberryGraphQLCoreExecutionContext):
    """The execution of one request."""

    def __init__(self, *args: Any, plans: Plans, **others: Any) -> None:
        super().__init__(*args, **others)
        self._plans = plans
        self._relevant_sub_fields = plans.sub_fields

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
            root = self._plans.root = grouped_field_set
        return super().execute_collected_root_fields(
            root_type, root_value, root, serially, new_defer_usages
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
        plan = self._plans.found.get(id(grouped_field_set))
        if plan is None:
            plan = make_plan(self.schema, parent_type, grouped_field_set)
            self._plans.found[id(grouped_field_set)] = plan
        results: dict[str, Any] = {}
        for name, attribute, expected, complete in plan.fields:
            if expected is not None:
                value = getattr(source_value, attribute, None)
                if type(value) is expected:
                    results[name] = value
                    continue
            value = complete(self, source_value, path)
            if value is not Undefined:
                results[name] = value
        return results

    def execute_members(
        self, object_type: GraphQLObjectType, details: FieldDetailsList, value: Any, path: Path
    ) -> dict[str, Any]:
        """Complete an object of a field."""
        selected = self.collect_subfields(object_type, details)[0]
        return self.execute_fields(object_type, value, path, selected, None)
