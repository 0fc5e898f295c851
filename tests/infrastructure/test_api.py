"""Authorization of the API's fields, as the deployed schema states it; AppSync enforces it."""

from __future__ import annotations

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    Node,
    Visitor,
    parse,
    print_ast,
    visit,
)

from cdk.constructs.api import CUSTOMERS_FIELDS, LOCAL_FIELDS, OPERATIONS_FIELDS
from orderflow.orders import access
from orderflow.orders.access import OPERATIONS_GROUP
from scripts.local.appsync.field_rules import FieldRules
from scripts.local.appsync.tokens import Caller
from tests.support.paths import SCHEMA
from tests.support.templates import Synthesize, Templates

CUSTOMER = Caller()
OPERATOR = Caller(groups=frozenset({OPERATIONS_GROUP}))
OTHER_GROUP = Caller(groups=frozenset({"drivers"}))
PUBLISHER_ROLE = Caller(iam=True)


@pytest.fixture
def rules(templates: Templates) -> FieldRules:
    return FieldRules(templates.only("AWS::AppSync::GraphQLSchema")["Definition"])


def _fields(rules: FieldRules) -> dict[tuple[str, str], GraphQLField]:
    """The fields of queries, mutations and subscriptions, by type and name."""
    roots = (
        rules.schema.query_type,
        rules.schema.mutation_type,
        rules.schema.subscription_type,
    )
    return {
        (root.name, name): field for root in roots if root for name, field in root.fields.items()
    }


def test_every_root_field_states_its_authorization(rules: FieldRules) -> None:
    local = {(parent, field) for parent, field, _ in LOCAL_FIELDS}
    assert _fields(rules).keys() == {*CUSTOMERS_FIELDS, *OPERATIONS_FIELDS, *local}
    for field in _fields(rules).values():
        assert field.ast_node is not None
        assert field.ast_node.directives


@pytest.mark.parametrize("field", CUSTOMERS_FIELDS, ids=".".join)
def test_signed_in_users_call_the_customers_fields(
    rules: FieldRules, field: tuple[str, str]
) -> None:
    assert rules.allows(CUSTOMER, *field)
    assert rules.allows(OPERATOR, *field)
    assert not rules.allows(PUBLISHER_ROLE, *field)


@pytest.mark.parametrize("field", OPERATIONS_FIELDS, ids=".".join)
def test_only_operations_staff_call_the_operations_fields(
    rules: FieldRules, field: tuple[str, str]
) -> None:
    assert rules.allows(OPERATOR, *field)
    for caller in (CUSTOMER, OTHER_GROUP, PUBLISHER_ROLE):
        assert not rules.allows(caller, *field)


def test_only_descriptions_that_appsync_accepts_are_deployed(rules: FieldRules) -> None:
    """AppSync refuses descriptions of arguments, enum values and input fields."""
    refused = []
    for name, kind in rules.schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLEnumType):
            refused += [value.description for value in kind.values.values()]
        elif isinstance(kind, GraphQLInputObjectType):
            refused += [field.description for field in kind.fields.values()]
        elif isinstance(kind, GraphQLObjectType):
            fields = kind.fields.values()
            refused += [each.description for field in fields for each in field.args.values()]
    assert set(refused) == {None}
    assert _fields(rules)["Query", "getOrder"].description


def test_the_deployed_schema_differs_from_the_source_in_descriptions_alone(
    templates: Templates,
) -> None:
    deployed = templates.only("AWS::AppSync::GraphQLSchema")["Definition"]
    without = (strip_descriptions(text) for text in (deployed, SCHEMA.read_text()))
    assert len(set(without)) == 1


def strip_descriptions(schema: str) -> str:
    """The schema without any description, in a normal form."""

    class Strip(Visitor):
        def enter(self, node: Node, *_: object) -> None:
            if hasattr(node, "description"):
                node.description = None

    return print_ast(visit(parse(schema), Strip()))


def test_only_users_subscribe_and_only_the_publishing_role_publishes(rules: FieldRules) -> None:
    for caller in (PUBLISHER_ROLE, CUSTOMER, OPERATOR):
        ours = caller is PUBLISHER_ROLE
        assert rules.allows(caller, "Mutation", "publishOrderUpdate") is ours
        assert rules.allows(caller, "Subscription", "onOrderUpdated") is not ours
    assert rules.mutations_of("onOrderUpdated") == {"publishOrderUpdate"}


@pytest.mark.parametrize("name", ["OrderUpdate", "OrderLine", "Alternative"])
def test_users_and_the_publishing_role_read_published_types(rules: FieldRules, name: str) -> None:
    published = rules.schema.type_map[name]
    assert isinstance(published, GraphQLObjectType)
    for field in published.fields:
        assert rules.allows(PUBLISHER_ROLE, name, field)
        assert rules.allows(CUSTOMER, name, field)


def test_the_publishing_role_calls_no_other_field(rules: FieldRules) -> None:
    reached = {each for each in _fields(rules) if rules.allows(PUBLISHER_ROLE, *each)}
    assert reached == {("Mutation", "publishOrderUpdate")}


def test_the_operations_group_is_the_one_that_the_functions_check() -> None:
    assert access.OPERATIONS_GROUP == OPERATIONS_GROUP


@pytest.mark.parametrize(("stage", "setting"), [("prod", "DISABLED"), ("dev", "ENABLED")])
def test_introspection_is_disabled_in_production_alone(
    synthesize: Synthesize, stage: str, setting: str
) -> None:
    api = synthesize(stage).only("AWS::AppSync::GraphQLApi")
    assert api["IntrospectionConfig"] == setting
