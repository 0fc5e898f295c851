"""The active subscriptions, and the delivery of mutations' answers to them.

AppSync sends a mutation's answer to the subscriptions that name it in ``@aws_subscribe``: of the
fields that a subscription selects, those that the mutation selected, and null for the others.
Rules: https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-data.html and
https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-enhanced-filtering.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    get_variable_values,
    print_ast,
)
from graphql.execution.collect_fields import collect_fields

from scripts.local.appsync.field_rules import FieldRules
from scripts.local.appsync.graphql_request import GraphqlRequest
from scripts.local.appsync.tokens import Caller

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda found, wanted: found == wanted,
    "ne": lambda found, wanted: found != wanted,
    "le": lambda found, wanted: found <= wanted,
    "lt": lambda found, wanted: found < wanted,
    "ge": lambda found, wanted: found >= wanted,
    "gt": lambda found, wanted: found > wanted,
    "contains": lambda found, wanted: wanted in found,
    "notContains": lambda found, wanted: wanted not in found,
    "beginsWith": lambda found, wanted: found.startswith(wanted),
    "in": lambda found, wanted: found in wanted,
    "notIn": lambda found, wanted: found not in wanted,
    "between": lambda found, wanted: wanted[0] <= found <= wanted[1],
    "containsAny": lambda found, wanted: not set(found).isdisjoint(wanted),
}


@dataclass(frozen=True, eq=False)
class Subscription:
    """One subscription of one connection.

    Attributes:
        mutations: the mutations that trigger it.
        arguments: the arguments of the subscription's field.
        filter: its resolver's filter (``{"filterGroup": [...]}``), which replaces the arguments.
        deliver: sends the payload of a ``data`` message.
    """

    request: GraphqlRequest
    caller: Caller
    rules: FieldRules
    field: str
    mutations: frozenset[str]
    arguments: Mapping[str, Any]
    filter: Mapping[str, Any] | None
    deliver: Callable[[dict[str, Any]], None]

    def receive(self, mutation: str, published: Mapping[str, Any]) -> None:
        """Delivers a published object if it matches this subscription."""
        if mutation not in self.mutations or not self._matches(published):
            return
        self.deliver(
            self.rules.select(
                self.request.document,
                self.caller,
                self.request.variables,
                {self.field: published},
            )
        )

    def _matches(self, published: Mapping[str, Any]) -> bool:
        if self.filter is None:
            return all(published.get(name) == value for name, value in self.arguments.items())
        return any(
            all(_passes(each, published) for each in group["filters"])
            for group in self.filter["filterGroup"]
        )


class Subscriptions:
    """The active subscriptions of all connections."""

    def __init__(self) -> None:
        self._all: dict[Subscription, None] = {}

    def add(self, subscription: Subscription) -> None:
        """Start delivering to a subscription."""
        self._all[subscription] = None

    def remove(self, subscription: Subscription) -> None:
        """Stop delivering to a subscription."""
        self._all.pop(subscription, None)

    def publish(
        self, schema: GraphQLSchema, request: GraphqlRequest, data: Mapping[str, Any]
    ) -> None:
        """Delivers a mutation's answer to the matching subscriptions, in the order of the calls."""
        for mutation, published in answers(schema, request, data):
            for subscription in tuple(self._all):
                subscription.receive(mutation, published)


def answers(
    schema: GraphQLSchema, request: GraphqlRequest, data: Mapping[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """The operation's fields whose answer is an object, under the fields' own names.

    Inside the object, subscribers do not receive fields with an alias, as at AppSync: https://github.com/aws/aws-appsync-community/issues/160
    """
    found = [
        (nodes[0].name.value, data.get(key)) for key, nodes in _fields(schema, request).items()
    ]
    return [(field, value) for field, value in found if isinstance(value, dict)]


def _fields(schema: GraphQLSchema, request: GraphqlRequest) -> Mapping[str, list[FieldNode]]:
    """The operation's fields by their keys in the answer, without those that it skips."""
    operation = request.operation
    root = schema.get_root_type(operation.operation)
    assert root is not None  # nosec B101 # the request is valid
    definitions = request.document.definitions
    fragments = {
        each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)
    }
    # Directives decide what is skipped, by variables of this type alone. To coerce the others
    # takes as long as all else that is done with a mutation here.
    decisive = [
        each
        for each in operation.variable_definitions
        if print_ast(each.type).rstrip("!") == "Boolean"
    ]
    values = get_variable_values(schema, decisive, request.variables)
    assert isinstance(values, dict)  # nosec B101 # the emulator has coerced them
    return collect_fields(schema, fragments, values, root, operation.selection_set)


def _passes(rule: Mapping[str, Any], published: Mapping[str, Any]) -> bool:
    found: Any = published
    for name in rule["fieldName"].split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    try:
        return _OPERATORS[rule["operator"]](found, rule["value"])
    except (TypeError, AttributeError):
        return False  # null, or of another type than the rule's
