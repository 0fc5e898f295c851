"""Each listed deviation is still there, and the workflow's definition meets none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cdk.definition import load_definition
from orderflow.orders.model import Order
from tests.engines.conftest import create_tables, running
from tests.engines.deviations import Deviation, deviations
from tests.engines.probes import PROBES, Emulator
from tests.support import definition_checks as checks
from tests.support.dynamodb_rules.expressions import Expression, clauses, split
from tests.support.engines import ENGINES, MINISTACK, on
from tests.support.tables import ORDERS, TableDefinition

STATES = load_definition()["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
UPDATES = {
    name: state["Arguments"]["UpdateExpression"]
    for name, state in TASKS.items()
    if "UpdateExpression" in state["Arguments"]
}


@pytest.fixture(scope="module")
def emulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    with running(request.param, tmp_path_factory.mktemp(request.param)) as options:
        dynamodb = boto3.client("dynamodb", **options)
        create_tables(dynamodb, on(request.param, ORDERS), TableDefinition("tokens", ["id"]))
        # TestState's requests go to a host of their own on AWS, which the emulator has not.
        config = Config(inject_host_prefix=False)
        yield Emulator(boto3.client("stepfunctions", config=config, **options), dynamodb, "tokens")


@pytest.mark.parametrize(
    ("emulator", "row"),
    # JSONata itself needs none.
    [(row.engine if row.engine in ENGINES else MINISTACK, row) for row in deviations()],
    indirect=["emulator"],
    ids=str,
)
def test_the_engine_still_deviates(emulator: Emulator, row: Deviation) -> None:
    assert PROBES[row.name](emulator), "The engine does as AWS documents: remove the row."


def test_each_row_has_a_probe() -> None:
    assert sorted(PROBES) == sorted(row.name for row in deviations())


class TestTheWorkflow:
    """The definition's expressions meet no deviation."""

    def test_no_update_has_a_clause_twice(self) -> None:
        assert len(UPDATES) >= 6
        for text in UPDATES.values():
            names = [clause for clause, _ in clauses(Expression(text))]
            assert len(names) == len({*names})

    def test_updates_calculate_with_attributes_that_hold_the_operands_type(self) -> None:
        """The attributes are required fields, so every order has them."""
        fields = {field.alias or name: field for name, field in Order.model_fields.items()}
        operands = {operand for text in UPDATES.values() for operand in calculated(text)}

        assert operands == {("+", "version"), ("list_append", "history")}
        assert fields["version"].annotation is int
        assert str(fields["history"].annotation).startswith("list[")

    def test_no_expression_reads_what_another_one_of_its_block_assigns(self) -> None:
        names = checks.names_by_expression(load_definition())
        blocks = [*assign_blocks()]
        assert len(blocks) >= 10
        for block in blocks:
            for name, text in block.items():
                read = {each for found in checks.expressions(text) for each in names[found]}
                assert not read & (block.keys() - {name}), block

    def test_it_has_no_parallel_no_map_and_no_other_timeout_than_numbers(self) -> None:
        assert {state["Type"] for state in STATES.values()} == {
            "Task", "Choice", "Wait", "Succeed"}  # fmt: skip
        assert "TimeoutSeconds" not in load_definition()
        for state in TASKS.values():
            assert isinstance(state["TimeoutSeconds"], int)
            assert "HeartbeatSeconds" not in state

    def test_no_expression_has_a_remainder_or_negates_what_may_be_missing(self) -> None:
        """Of texts that it makes, `$string` writes the number of parkings."""
        texts = {*checks.expressions(STATES)}
        assert texts
        for text in texts:
            code = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)
            assert "%" not in code
            assert all(" = " in negated for negated in re.findall(r"\$not\(([^)]*)\)", code))
            assert set(re.findall(r"\$string\(([^)]*)\)", code)) <= {"$parkings"}


def calculated(update: str) -> Iterator[tuple[str, str]]:
    """The attributes that an update calculates with, each with its operator."""
    for clause, tokens in clauses(Expression(update)):
        for part in split(tokens) if clause == "SET" else ():
            for operator in {"+", "-", "list_append"} & {*part}:
                value = part[part.index("=") + 1 :]
                yield operator, next(each for each in value if each.isalpha())


def assign_blocks() -> Iterator[dict[str, Any]]:
    for state in STATES.values():
        for holder in (state, *state.get("Catch", []), *state.get("Choices", [])):
            if "Assign" in holder:
                yield holder["Assign"]
