"""Which fields an operation asks of the root."""

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
)


def root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> frozenset[str]:
    """Return their names, those of fragments too."""
    names: set[str] = set()
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    waiting = [operation.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                names.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                # Taken out, as it says the same wherever else it is spread.
                spread = fragments.pop(node.name.value, None)
                waiting += [spread.selection_set] if spread else []
    return frozenset(names)
