"""A list that is accepted fits into what WAF inspects, however its client writes JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orderflow.grocery_list.parser import MAX_CHARACTERS
from orderflow.grocery_list.size import MAX_BYTES, bytes_in_json, length_problem
from scripts.cli.orders.api import SUBMIT
from scripts.demo_shop.app import PAGE
from scripts.local.waf.fields import INSPECTED_BYTES

NODE = Path(sys.executable).with_name("node")
YORUBA = "ẹ̀wà ọlọ́yin àgọ̀ méjì, ẹja gbígbẹ, ẹ̀fọ́ ṣọkọ\n"


def _html_safe(text: str) -> str:
    """As Go, Gson and PHP write JSON by default: what is special in HTML is escaped, too."""
    ascii_json = json.dumps(text)
    for sign in "<>&='":
        ascii_json = ascii_json.replace(sign, f"\\u{ord(sign):04x}")
    return ascii_json.replace("/", "\\/")


ENCODERS: dict[str, Callable[[str], str]] = {
    "escaped": json.dumps,
    "UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "HTML-safe": _html_safe,
}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS.keys())
@given(texts)
@example(YORUBA)
@example("'\"\\/<>&=\x7f\x00\n\t🍚")
def test_no_encoder_writes_more_bytes(encode: Callable[[str], str], text: str) -> None:
    assert len(encode(text).encode()) - len('""') <= bytes_in_json(text)


def test_the_count_is_exact_for_what_libraries_escape() -> None:
    assert bytes_in_json("2 cups milk, 3 eggs.") == 20
    assert bytes_in_json("a\nb") == 4
    assert bytes_in_json('"') == 2
    assert bytes_in_json("ẹ") == 6
    assert bytes_in_json("🍚") == 12


longest = st.one_of(
    st.integers(1, 3).map(lambda part: (YORUBA * 200)[: MAX_BYTES // part]),
    st.sampled_from(["x" * MAX_CHARACTERS, "🍚" * 500, "'" * 1000, "\n" * 3000, "\x7f" * 1000]),
    texts.map(lambda text: text * 20),
)


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS.keys())
@given(longest)
def test_a_valid_list_with_all_other_fields_fits_into_what_waf_inspects(
    encode: Callable[[str], str], text: str
) -> None:
    while length_problem(text):
        text = text[: len(text) * 9 // 10]
    fields = {
        "groceryList": text,
        "customerName": "ẹ" * 100,
        "customerEmail": "a" * 254,
        "idempotencyKey": "k" * 64,
    }
    values = ",".join(f'"{name}":{encode(value)}' for name, value in fields.items())
    body = f'{{"query":{encode(SUBMIT)},"variables":{{"input":{{{values}}}}}}}'
    # Room for a query of the client's own.
    assert len(body.encode()) + 500 <= INSPECTED_BYTES


def test_a_list_that_is_too_long_is_refused_with_what_to_do() -> None:
    assert length_problem("x" * MAX_CHARACTERS) is None
    assert "5,001 characters" in str(length_problem("x" * 5_001))
    problem = str(length_problem(YORUBA * 60))
    assert "bytes; at most 6,000 are allowed" in problem
    assert "split it into several orders" in problem


@pytest.mark.parametrize("text", [YORUBA, "'\"\\/<>&=\x7f\n\t🍚", "2 cups milk", ""])
def test_the_page_counts_as_the_api_does(text: str) -> None:
    done = run("bytesInJson", json.dumps(text))
    assert int(done.stdout) == bytes_in_json(text)


@pytest.mark.parametrize(("size", "refused"), [(1_000, False), (1_001, True)])
def test_the_page_refuses_before_it_sends(size: int, refused: bool) -> None:
    done = run("checkSize", f"'ẹ'.repeat({size})")
    assert (done.returncode != 0) is refused
    assert (length_problem("ẹ" * size) is not None) is refused


def run(function: str, argument: str) -> subprocess.CompletedProcess[str]:
    """Calls one of the page's functions in Node, and prints its result."""
    module = json.dumps((PAGE / "list_size.js").as_uri())
    script = f"import {{ {function} }} from {module}; console.log({function}({argument}))"
    return subprocess.run(
        [NODE, "--input-type=module", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
