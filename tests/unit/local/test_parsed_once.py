"""What the emulator parses once and copies plainly is what it was."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonata import Jsonata
from ministack.core import iam_evaluator
from ministack.services import sts

from scripts.local.parsed_once import Parser, copied, named, of_texts

LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(0, 1)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(tree=TREES)
def test_a_copy_is_equal_and_shares_nothing_that_changes(tree: Any) -> None:
    made, before = copied(tree), copy.deepcopy(tree)

    change(made)

    assert tree == before


def change(tree: Any) -> None:
    """Empties every part of a tree."""
    for each in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        change(each)
    if isinstance(tree, dict | list):
        tree.clear()


@given(tree=TREES)
def test_a_copy_is_what_deepcopy_makes(tree: Any) -> None:
    assert copied(tree) == copy.deepcopy(tree)


def test_other_containers_keep_their_kind() -> None:
    table = defaultdict(dict, {"key": {"sort": {"S": "value"}}})

    made = copied(table)

    assert type(made) is defaultdict
    assert made == table
    assert made["key"] is not table["key"]


SESSION = f"ASIA{1:016}"


@pytest.fixture
def _session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        sts._sessions,
        SESSION,
        {
            "Arn": "arn:aws:sts::123456789012:assumed-role/api/worker",
            "UserId": "api:worker",
            "SecretAccessKey": SESSION,
            "SessionToken": "token",
        },
    )


@pytest.mark.usefixtures("_session")
@pytest.mark.parametrize(
    ("access_key", "name"),
    [
        (SESSION, "arn:aws:sts::123456789012:assumed-role/api/worker"),
        ("123456789012", "arn:aws:iam::123456789012:root"),
        ("not-a-known-key", ""),
    ],
)
def test_a_caller_has_the_name_that_it_has_with_its_policies(access_key: str, name: str) -> None:
    with_policies = iam_evaluator.resolve_principal(access_key, "123456789012")

    assert named(access_key, "123456789012").arn == name
    assert getattr(with_policies, "arn", "") == name


def test_each_policy_is_parsed_once() -> None:
    parsed: list[Any] = []
    parse = of_texts(lambda text: parsed.append(text) or iam_evaluator.parse_policy_document(text))
    policy = '{"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}'

    found = [parse(policy), parse(policy), parse({"Statement": []}), parse({"Statement": []})]

    assert found[0] == found[1] == iam_evaluator.parse_policy_document(policy)
    assert parsed == [policy, {"Statement": []}, {"Statement": []}]


@pytest.mark.parametrize(
    ("expression", "results"),
    [
        ("$number > 2 ? 'more' : 'less'", ["less", "more"]),
        ("$map([1..$number], function($each) { $each * $number })", [[2, 4], [3, 6, 9]]),
        ("($double := function($x) { 2 * $x }; $double($number))", [4, 6]),
        ("$replace('a-b', /-/, $string($number))", ["a2b", "a3b"]),
        ("($plus := $power(?, 2); $plus($number))", [4, 9]),
    ],
)
def test_an_expression_that_was_parsed_before_gives_each_evaluation_its_own_result(
    monkeypatch: pytest.MonkeyPatch, expression: str, results: list[Any]
) -> None:
    made: list[Any] = []
    make = Jsonata.get_parser

    def counted() -> Any:
        made.append(make())
        return made[-1]

    monkeypatch.setattr(Jsonata, "get_parser", staticmethod(lambda: Parser(counted)))

    def result(number: int) -> Any:
        return Jsonata(expression).evaluate(None, {"number": number})

    first, parsed = result(2), len(made)

    assert [first, result(3), result(2)] == [*results, results[0]]
    assert len(made) == parsed


def test_an_expression_with_an_error_has_it_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    make = Jsonata.get_parser
    monkeypatch.setattr(Jsonata, "get_parser", staticmethod(lambda: Parser(make)))

    for _ in range(2):
        with pytest.raises(Exception, match="Expected"):
            Jsonata("$f(1")
