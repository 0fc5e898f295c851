"""Items that nothing separates: amounts, prices, brands and known names tell them apart."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.grocery_list.parser import parse

RUNS = [
    # Amounts with "of", and articles, begin items wherever they stand
    ("carrots two onions three a bag of potatoes", "2 carrots; 3 onions; 1 bag potatoes"),
    ("bananas apples 2 avocados bag of spinach greek yogurt",
     "1 bananas; 1 apples; 2 avocados; 1 bag spinach; 1 greek yogurt"),
    ("pack of sausages dozen eggs block of lurpak couple of pints of milk",
     "1 package sausages; 12 eggs; 1 block lurpak; 2 pint milk"),
    ("eggs a dozen milk two litres bread one loaf", "12 eggs; 2 liter milk; 1 loaf bread"),
    # What lies between is read one way
    ("heinz beans 4 warburtons bread 1 cravendale milk 2",
     "4 heinz beans; 1 warburtons bread; 2 cravendale milk"),
    ("beans 4 cups rice 6 cups onion 10 pieces stock fish 1 big size",
     "4 cup beans; 6 cup rice; 10 piece onion; 1 stock fish"),
    ("flour sugar 6 eggs baking powder", "1 flour; 1 sugar; 6 eggs; 1 baking powder"),
    # Prices end items
    ("garri 2 paint egusi 3 cups stockfish 2 dry fish 500 crayfish 1k palm oil 2 bottles",
     "2 paint garri; 3 cup egusi; 2 stockfish; 1 dry fish; 1 crayfish; 2 bottle palm oil"),
    # Strange words go with the thing behind them
    ("oat milk frozen blueberries protein powder xylo seeds almond butter",
     "1 oat milk; 1 frozen blueberries; 1 protein powder; 1 xylo seeds; 1 almond butter"),
    ("bin bags kitchen foil cling film 2 sponges zorp liquid",
     "1 bin bags; 1 kitchen foil; 1 cling film; 2 sponges; 1 zorp liquid"),
    # Two words behind an amount may be one thing
    ("gallon of milk dozen eggs loaf of wheat bread bag of shredded cheddar",
     "1 gallon milk; 12 eggs; 1 loaf wheat bread; 1 bag shredded cheddar"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "items"), RUNS)
def test_runs_are_divided(text: str, items: str) -> None:
    read = [
        " ".join(filter(None, (str(line.quantity), line.unit, line.name)))
        for line in parse(text).lines
    ]

    assert read == items.split("; ")


@pytest.mark.parametrize(
    "text",
    [
        "1 Peak 400g milk powder",
        "indomie onion chicken",
        "tomato basil soup",
        "coke 50cl bottle 12",
        "2 tins chopped tomatoes in tomato juice",
        "uncle bens basmati rice",
        "tea 700 fresh",
    ],
)
def test_one_thing_stays_one(text: str) -> None:
    assert len(parse(text).lines) == 1


NAMES = ["milk", "carrots", "palm oil", "greek yogurt", "bananas", "rice", "bin bags", "flour"]
AMOUNTS = {"2": (2, ""), "500g": (500, "gram"), "a bag of": (1, "bag"), "3 tins": (3, "can"),
           "half a dozen": (6, ""), "1kg": (1, "kilogram"), "two packs of": (2, "package"),
           }  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(AMOUNTS)), st.sampled_from(NAMES)),
        min_size=3,
        max_size=8,
        unique_by=lambda item: item[1],
    )
)
def test_a_run_of_amounts_before_names_reads_back(items: list[tuple[str, str]]) -> None:
    text = " ".join(f"{amount} {name}" for amount, name in items)

    read = [(line.quantity, line.unit, line.name) for line in parse(text).lines]

    assert read == [
        (Decimal(AMOUNTS[amount][0]), AMOUNTS[amount][1], name) for amount, name in items
    ], text


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(["500g", "3 tins", "1kg", "2 packs"])),
        min_size=2,
        max_size=8,
        unique_by=lambda item: item[0],
    )
)
def test_a_run_of_amounts_behind_names_reads_back(items: list[tuple[str, str]]) -> None:
    text = " ".join(f"{name} {amount}" for name, amount in items)

    read = [(line.quantity, line.unit, line.name) for line in parse(text).lines]

    amounts = AMOUNTS | {"2 packs": (2, "package")}
    assert read == [
        (Decimal(amounts[amount][0]), amounts[amount][1], name) for name, amount in items
    ], text
