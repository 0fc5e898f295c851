# ruff: noqa: RUF001 - typographic variants are what is tested
"""What holds for every text, however odd: the parser never raises and loses no word."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orderflow.grocery_list.parser import (
    MAX_CHARACTERS,
    MAX_LINES,
    GroceryLine,
    parse,
    parse_by_grammar,
)
from orderflow.units import COUNTED_UNITS, MEASURES, UNIT_SPELLINGS
from scripts.evaluation.speed import ADVERSARIAL
from tests.support.calls import calls_of

FRAGMENTS = [
    *("2", "1/2", "½", "1,5", "007", "80/20", "12345678", "a", "half", "dozen", "hundred", "few"),
    *("kg", "g", "cups", "bag", "tins", "T", "lb.", "fl oz", "large", "of", "x", "×", "6-pack"),
    *("milk", "rice", "m&m's", "7up", "ẹ̀wà", "crème", "mac", "cheese", "omega", "Dr.", "🥕", "2%"),
    *("and", "or", "if", "no", "for", "plus", "ripe", "red", "please", "thanks", "I need", "list"),
    *(",", ";", ":", ".", "!", "-", "–", "&", "+", "|", "\n", "(", ")", "[", "]", "[x]", "•", "1."),
    *(
        "no wait",
        "sorry",
        "I have",
        "buy",
        "total",
        "each",
        "2k",
        "6pm",
        "~",
        "0",
        "Breakfast",
        "/",
    ),
    *("₦500", "naira", "between", "to", "'", "’", "…", "\t", "\u200d", "\ufe0f", "²"),
]
MESSY_LISTS = st.lists(
    st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from(["", " ", "  "])), max_size=40
).map(lambda parts: "".join(fragment + gap for fragment, gap in parts))
TEXTS = st.one_of(st.text(max_size=200), MESSY_LISTS)


@given(TEXTS)
@example("2 (")
@example("\x00\ud800")
def test_every_text_has_lines_or_none_but_never_an_error(text: str) -> None:
    for line in parse(text).lines:
        assert line.quantity > 0
        assert line.quantity == line.quantity.quantize(Decimal("0.0001"))
        assert line.unit == "" or line.unit in MEASURES | COUNTED_UNITS
        assert any(character.isalpha() for character in line.name)
        assert line.name == " ".join(line.name.split())
        assert all(line.notes)


@given(TEXTS)
def test_spans_are_in_order_inside_the_text_and_apart(text: str) -> None:
    parsed = parse(text)

    for spans in ([line.span for line in parsed.lines], list(parsed.not_understood)):
        assert spans == sorted(spans)
    spans = sorted([line.span for line in parsed.lines] + list(parsed.not_understood))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(line.text == text[slice(*line.span)] for line in parsed.lines)


_NUMBERING = re.compile(r"\[[xX]\]|\d\ufe0f?\u20e3|\b(?:\d{1,6}|[^\W\d_])(?=[.)\]}）])")
_MARK = re.compile(r"[^\w\s'’]+")
_WORD = re.compile(r"[^\W_](?:[\w\u0300-\u036f]|['’](?=\w))*")


@given(TEXTS)
@example("1) milk 2) eggs")
@example("WAIT I:HAVE")
@example("Good morning, please get me 2 limes, thanks")
def test_what_lies_between_the_spans_says_nothing_by_itself(text: str) -> None:
    parsed = parse(text)

    spans = sorted([line.span for line in parsed.lines] + list(parsed.not_understood))
    for gap in _gaps(text, spans):
        for phrase in _MARK.split(_NUMBERING.sub(" ", gap)):  # "wait I: have" is no "wait I have"
            words = parse(" ".join(_WORD.findall(phrase)))
            assert (words.lines, words.not_understood) == ((), ())


def _gaps(text: str, spans: list[tuple[int, int]]) -> list[str]:
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    return [text[edges[index] : edges[index + 1]] for index in range(0, len(edges), 2)]


NAMES = st.sampled_from(
    [
        "milk",
        "sweet potatoes",
        "limes",
        "mac and cheese",
        "7up",
        "2% milk",
        "crème fraîche",
        "Dr. Pepper",
    ]
)
NOTES = st.lists(st.sampled_from(["ripe", "400g", "if available", "or any brand"]), unique=True)
QUANTITIES = st.decimals("0.0001", "999999", places=4).map(lambda value: value.normalize())


def _canonical(quantity: Decimal, unit: str, name: str, notes: tuple[str, ...]) -> str:
    remarks = "".join(f" ({note})" for note in notes)
    return " ".join(filter(None, [f"{quantity:f}", unit, name])) + remarks


def _content(line: GroceryLine) -> tuple[Decimal, str, str, tuple[str, ...]]:
    return line.quantity, line.unit, line.name, line.notes


@given(
    st.lists(
        st.tuples(
            QUANTITIES,
            st.sampled_from(["", *sorted(MEASURES | COUNTED_UNITS)]),
            NAMES,
            NOTES.map(tuple),
        ),
        max_size=5,
    ),
    st.sampled_from([", ", "\n", "; ", " and ", " & "]),
)
def test_what_was_understood_reads_the_same_when_written_out(
    items: list[tuple[Decimal, str, str, tuple[str, ...]]], separator: str
) -> None:
    text = separator.join(_canonical(*item) for item in items)

    assert [_content(line) for line in parse(text).lines] == items


@given(st.sampled_from(sorted(UNIT_SPELLINGS)), NAMES)
def test_every_spelling_of_a_unit_is_understood_wherever_the_amount_stands(
    spelling: str, name: str
) -> None:
    understood = [
        _content(line) for line in parse(f"2 {spelling} {name}\n{name} 2 {spelling}").lines
    ]

    assert understood == [(Decimal(2), UNIT_SPELLINGS[spelling], name, ())] * 2


@given(st.lists(st.sampled_from(["milk", "2 eggs", "12", "500 g", "🥕"]), min_size=1))
def test_never_reports_more_lines_than_a_list_may_have(pieces: list[str]) -> None:
    parsed = parse(";".join(pieces * (MAX_LINES + 1)))

    assert parsed.truncated
    assert len(parsed.lines) + len(parsed.not_understood) == MAX_LINES + 1


@pytest.mark.parametrize("unit", ADVERSARIAL)
def test_no_text_takes_long(unit: str) -> None:
    text = (unit * MAX_CHARACTERS)[:MAX_CHARACTERS]

    # Lists of these lengths take up to 19 calls a character; those that were read again
    # at each of their words took 130 to 360.
    assert calls_of(lambda: parse(text)) < 30 * MAX_CHARACTERS


PLAIN_WORDS = st.sampled_from(
    [
        *("rice", "olive", "oil", "chicken", "thighs", "fresh", "tins", "cups", "large", "milk"),
        *("king", "bread", "chopped", "finely", "and", "two", "red", "sauce", "g", "kg", "for"),
    ]
)


@given(
    st.sampled_from(["1", "2", "12", "500", "1/2", "4/5", "007"]),
    st.lists(PLAIN_WORDS, min_size=1, max_size=5).map(" ".join),
)
def test_plain_lines_are_read_as_the_grammar_reads_them(number: str, words: str) -> None:
    text = f"{number} {words}"

    assert parse(text) == parse_by_grammar(text)


PRICES = st.sampled_from(
    ["₦500", "N1,500", "2k", "1.5k", "500 naira", "£2.10", "95p", "#700", "five hundred naira"]
)


@given(
    NAMES,
    PRICES,
    st.sampled_from(
        [
            *("{price} {name}", "{name} {price}"),
            *(f"{{name}} {before} {{price}}" for before in ("@", "at", "for", "of", "-", "=")),
        ]
    ),
)
def test_no_quantity_comes_from_money(name: str, price: str, form: str) -> None:
    text = form.format(name=name, price=price)

    (line,) = parse(text).lines

    assert (line.quantity, line.unit, line.name) == (1, "", name)
    assert line.price


@given(
    NAMES,
    st.sampled_from(["before 6pm", "by 5:30", "at 12 noon", "before 10 a.m.", "at 9 o'clock"]),
)
def test_no_quantity_comes_from_a_time(name: str, time_of_day: str) -> None:
    (line,) = parse(f"{name} {time_of_day}").lines

    assert (line.quantity, line.unit, line.name) == (1, "", name)


@given(
    st.sampled_from(["Deliver to", "My address is", "Address:", "delivery address -"]),
    st.integers(1, 99),
    st.sampled_from(["Adeola Street, Surulere", "Green Lane, flat 4", "Allen Avenue"]),
    NAMES,
)
def test_no_item_comes_from_an_address(opening: str, number: int, street: str, name: str) -> None:
    parsed = parse(f"{name}\n{opening} {number} {street}")

    assert [(line.quantity, line.name) for line in parsed.lines] == [(1, name)]
