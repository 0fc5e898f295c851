"""Who may call which field of the API, by the deployed schema: AWS alone enforces it for real."""

from __future__ import annotations

import pytest

from cdk.constructs.api import CUSTOMERS_FIELDS, OPERATIONS_FIELDS
from cdk.stacks.data import OPERATIONS_GROUP
from orderflow import access
from scripts.local.field_rules import FieldRules
from scripts.local.tokens import Caller
from tests.infrastructure.templates import Synthesize, Templates

CUSTOMER = Caller()
OPERATOR = Caller(groups=frozenset({OPERATIONS_GROUP}))
OTHER_GROUP = Caller(groups=frozenset({"drivers"}))
OUR_OWN_ROLE = Caller(iam=True)


@pytest.fixture
def rules(templates: Templates) -> FieldRules:
    return FieldRules(templates.only("AWS::AppSync::GraphQLSchema")["Definition"])


def test_every_field_of_the_roots_says_who_may_call_it(rules: FieldRules) -> None:
    roots = [rules.schema.query_type, rules.schema.mutation_type]
    fields = {(root.name, name) for root in roots if root for name in root.fields}
    assert fields == {*CUSTOMERS_FIELDS, *OPERATIONS_FIELDS}
    for root in filter(None, roots):
        for field in root.fields.values():
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


def test_the_group_is_the_one_that_the_functions_check() -> None:
    assert access.OPERATIONS_GROUP == OPERATIONS_GROUP


@pytest.mark.parametrize(("stage", "setting"), [("prod", "DISABLED"), ("dev", "ENABLED")])
def test_the_schema_can_not_be_asked_for_where_customers_are(
    synthesize: Synthesize, stage: str, setting: str
) -> None:
    api = synthesize(stage).only("AWS::AppSync::GraphQLApi")
    assert api["IntrospectionConfig"] == setting
