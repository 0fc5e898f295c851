"""What the generator reads from the source code."""

from __future__ import annotations

import ast

import pytest

from orderflow.orders.status import OrderStatus
from scripts.documentation import source, statuses
from scripts.documentation.source import UnknownNameError, caught, find, raised
from tests.support.paths import FUNCTIONS


def test_a_place_holds_the_definition_and_its_first_sentence() -> None:
    place = find("parse_order.handler:lambda_handler")

    assert place.path == FUNCTIONS / "parse_order" / "handler.py"
    assert place.path.read_text().splitlines()[place.line - 1].startswith("def lambda_handler(")
    assert place.doc.startswith("`{orderId,")


@pytest.mark.parametrize("name", ["no_such_function", "lambda_handler"])
def test_a_name_that_is_not_defined_once_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError, match=name):
        find(name)


def test_a_method_without_a_docstring_has_that_of_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "class Port:\n    def act(self): 'Acts.'\nclass Stored(Port):\n    def act(self): ...\n"
    module = source.Module("here.stored", FUNCTIONS / "here.py", ast.parse(text))
    monkeypatch.setattr(source, "modules", lambda: [module])

    assert find("Stored.act").doc == "Acts."


def test_errors_that_are_raised_built_or_passed_on_are_told_from_those_caught() -> None:
    tree = ast.parse(
        "try:\n"
        "    with outages_as(Passed, 'a service'), suppress(Suppressed):\n"
        "        raise Raised('x') from error\n"
        "except (Caught, errors.Other):\n"
        "    if isinstance(error, Checked):\n"
        "        return Built('y')\n"
    )

    names = {"Passed", "Raised", "Built", "Caught", "Checked", "Suppressed"}
    assert raised(tree) & names == {"Passed", "Raised", "Built"}
    assert caught(tree) & names == {"Caught", "Checked", "Suppressed"}


def test_a_status_that_nothing_sets_is_an_error() -> None:
    nothing = {"States": {}}

    with pytest.raises(statuses.NotWrittenError, match=OrderStatus.AWAITING_REVIEW):
        statuses.statuses(nothing)
