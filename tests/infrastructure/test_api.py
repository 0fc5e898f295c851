"""Who may call which field of the API, by the deployed schema: AWS alone enforces it for real."""

from __future__ import annotations

import pytest
from graphql import GraphQLField, GraphQLObjectType

from cdk.constructs.api import CUSTOMERS_FIELDS, LOCAL_FIELDS, OPERATIONS_FIELDS
from cdk.stacks.data import OPERATIONS_GROUP
from orderflow.orders import access
from scripts.local.appsync.field_rules import FieldRules
from scripts.local.appsync.tokens import Caller
from tests.support.templates import Synthesize, Templates

CUSTOMER = Caller()
OPERATOR = Caller(groups=frozenset({OPERATIONS_GROUP}))
OTHER_GROUP = Caller(groups=frozenset({"drivers"}))
OUR_OWN_ROLE = Caller(iam=True)


@pytest.fixture
def rules(templates: Templates) -> FieldRules:
    return FieldRules(templates.only("AWS::AppSync::GraphQLSchema")["Definition"])


def _fields(rules: FieldRules) -> dict[tuple[str, str], GraphQLField]:
    """Those of the queries, mutations and subscriptions, by type and name."""
    roots = (
        rules.schema.query_type,
        rules.schema.mutation_type,
        rules.schema.subscription_type,
    )
    return {
        (root.name, name): field for root in roots if root for name, field in root.fields.items()
    }


def test_every_field_of_the_roots_says_who_may_call_it(rules: FieldRules) -> None:
    passed_on = {(parent, field) for parent, field, _ in LOCAL_FIELDS}
    assert _fields(rules).keys() == {*CUSTOMERS_FIELDS, *OPERATIONS_FIELDS, *passed_on}
    for field in _fields(rules).values():
        assert field.ast_node is not None
        assert field.ast_node.directives


@pytest.mark.parametrize("field", CUSTOMERS_FIELDS, ids=".".join)
def test_customers_call_what_is_theirs(rules: FieldRules, field: tuple[str, str]) -> None:
    assert rules.allows(CUSTOMER, *field)
    assert rules.allows(OPERATOR, *field)
    assert not rules.allows(OUR_OWN_ROLE, *field)


@pytest.mark.parametrize("field", OPERATIONS_FIELDS, ids=".".join)
def test_operations_staff_alone_call_the_rest(rules: FieldRules, field: tuple[str, str]) -> None:
    assert rules.allows(OPERATOR, *field)
    for caller in (CUSTOMER, OTHER_GROUP, OUR_OWN_ROLE):
        assert not rules.allows(caller, *field)


def test_customers_alone_subscribe_to_what_our_own_role_alone_publishes(rules: FieldRules) -> None:
    for caller in (OUR_OWN_ROLE, CUSTOMER, OPERATOR):
        ours = caller is OUR_OWN_ROLE
        assert rules.allows(caller, "Mutation", "publishOrderUpdate") is ours
        assert rules.allows(caller, "Subscription", "onOrderUpdated") is not ours
    assert rules.mutations_of("onOrderUpdated") == {"publishOrderUpdate"}


@pytest.mark.parametrize("name", ["OrderUpdate", "OrderLine", "Alternative"])
def test_what_is_published_may_be_read_by_both(rules: FieldRules, name: str) -> None:
    published = rules.schema.type_map[name]
    assert isinstance(published, GraphQLObjectType)
    for field in published.fields:
        assert rules.allows(OUR_OWN_ROLE, name, field)
        assert rules.allows(CUSTOMER, name, field)


def test_our_own_role_reaches_nothing_else(rules: FieldRules) -> None:
    reached = {each for each in _fields(rules) if rules.allows(OUR_OWN_ROLE, *each)}
    assert reached == {("Mutation", "publishOrderUpdate")}


def test_the_group_is_the_one_that_the_functions_check() -> None:
    assert access.OPERATIONS_GROUP == OPERATIONS_GROUP


@pytest.mark.parametrize(("stage", "setting"), [("prod", "DISABLED"), ("dev", "ENABLED")])
def test_the_schema_can_not_be_asked_for_where_customers_are(
    synthesize: Synthesize, stage: str, setting: str
) -> None:
    api = synthesize(stage).only("AWS::AppSync::GraphQLApi")
    assert api["IntrospectionConfig"] == setting
