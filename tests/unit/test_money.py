"""Money is written in one way: by ``orderflow.money``, in the currency that it is in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from orderflow.money import CURRENCY, amount_in_words, naira

FUNCTIONS = Path(__file__).parents[2] / "functions"
#: They read what customers write: amounts there are in any spelling.
READERS = FUNCTIONS / "orderflow" / "grocery_list"


@pytest.mark.parametrize(
    ("currency", "minor", "words"),
    [
        (CURRENCY, 123456, "₦1,234.56"),
        (CURRENCY, 5, "₦0.05"),
        ("GHS", 123456, "GHS 1,234.56"),
        ("USD", 100_000_000, "USD 1,000,000.00"),
    ],
)
def test_an_amount_is_in_its_own_currency(currency: str, minor: int, words: str) -> None:
    assert amount_in_words(currency, minor) == words


def test_an_amount_of_the_shops_is_in_its_currency() -> None:
    assert naira(240_100) == amount_in_words(CURRENCY, 240_100)


def test_no_text_of_a_function_names_a_currency_itself() -> None:
    assert [*_texts_with_currencies()] == []


def _texts_with_currencies() -> Iterator[str]:
    for path in sorted(FUNCTIONS.rglob("*.py")):
        if path.name == "money.py" or path.is_relative_to(READERS):
            continue
        tree = ast.parse(path.read_text())
        described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in described:
                text = str(node.value)
                if CURRENCY in text or "₦" in text:
                    yield f"{path.relative_to(FUNCTIONS)}: {text}"
    for path in sorted((FUNCTIONS / "orderflow" / "emails" / "templates").iterdir()):
        if CURRENCY in path.read_text() or "₦" in path.read_text():
            yield path.name
