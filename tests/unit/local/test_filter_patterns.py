"""Filter patterns of CloudWatch Logs, by the examples of AWS's page about their syntax."""

from __future__ import annotations

import json

import pytest

from scripts.local.filter_patterns import PatternError, matches

EVENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "cluster.name": "c",
        "ThisFlag": True,
        "OtherFlag": False,
        "bandwidth": 75,
        "latency": 0.5,
    }
)
USERS = json.dumps(
    {
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [
            {"id": 2, "email": "John.Doe@example.com"},
            {"id": 3, "email": "Jane.Doe@example.com"},
        ],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
    }
)


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "UpdateTrail" }',
        "{ $.eventType = UpdateTrail }",
        '{ $.eventType = "Update*" }',
        "{ $.sourceIPAddress != 123.123.* }",
        "{ $.sourceIPAddress = %111.[0-9]+.111.111% }",
        '{ $.arrayKey[0] = "value" }',
        "{ $.objectList[1].id = 2 }",
        "{ $.SomeObject IS NULL }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.OtherFlag IS FALSE }",
        "{ $.bandwidth >= 75 && $.latency < 1 }",
        '{ $.["cluster.name"] = "c" }',
        '{ $["cluster.name"] = "c" }',
        "",
        "UpdateTrail",
        '"another value" UpdateTrail -Root',
        "?Nothing ?UpdateTrail",
        "%Update[A-Z]rail%",
    ],
)
def test_a_pattern_finds_its_event(pattern: str) -> None:
    assert matches(pattern, EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "CreateTrail" }',
        '{ $.eventType = "updatetrail" }',
        '{ $.eventType = "Update" }',
        "{ $.sourceIPAddress != 111.111.* }",
        '{ $.arrayKey[2] = "value" }',
        "{ $.objectList[1].id = 1 }",
        "{ $.eventType IS NULL }",
        "{ $.SomeOtherObject IS NULL }",
        "{ $.SomeObject NOT EXISTS }",
        "{ $.ThisFlag IS FALSE }",
        "{ $.SomeOtherObject IS TRUE }",
        "{ $.bandwidth > 75 }",
        "{ $.eventType > 1 }",
        "CreateTrail",
        "UpdateTrail -arrayKey",
        "?Nothing ?Nowhere",
    ],
)
def test_a_pattern_passes_over_other_events(pattern: str) -> None:
    assert not matches(pattern, EVENT)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', True),
        ('{ ($.user.id = 2 && $.users[0].email = "John.Doe@example.com") }', False),
        ('{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = 7 }', True),
        ("{ $.coordinates[0][1] = 1 && $.actions[2] = DELETE }", True),
        # "and" binds closer than "or" ...
        ('{ $.user.id = 1 || $.actions[0] = "none" && $.actions[2] = "none" }', True),
        # ... and parentheses closer than both.
        ('{ ($.user.id = 1 || $.actions[0] = "none") && $.actions[2] = "none" }', False),
    ],
)
def test_conditions_are_joined(pattern: str, found: bool) -> None:
    assert matches(pattern, USERS) is found


def test_json_patterns_pass_over_events_that_are_not_json() -> None:
    assert not matches("{ $.a NOT EXISTS }", "START RequestId: 1")
    assert not matches("{ $.a NOT EXISTS }", "[1]")


@pytest.mark.parametrize(
    "pattern",
    ["{ $.a }", "{ $.a = }", "{ $.a = 1", "{ ($.a = 1 }", "{ a = 1 }", "{ $.a = 1 } x", "[a, b]",
     "{ $.a = 1 $.b = 2 }", "{ $.a > x }", "{ }"],
)  # fmt: skip
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        matches(pattern, "{}")
