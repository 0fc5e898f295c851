"""JSON as JavaScript writes it, compared with JavaScript."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.local.stand_ins.javascript_json import stringify

_NODE = Path(sys.executable).with_name("node")
_PROGRAM = """
const lines = require("fs").readFileSync(0, "utf-8").trim().split("\\n");
console.log(lines.map((line) => JSON.stringify(JSON.parse(line))).join("\\n"));
"""

names = st.text(max_size=4) | st.integers(0, 2**33).map(str) | st.sampled_from(["00", "4294967295"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=8,
).filter(lambda value: "NaN" not in json.dumps(value) and "Infinity" not in json.dumps(value))


def in_javascript(texts: list[str]) -> list[str]:
    """What ``JSON.stringify(JSON.parse(text))`` makes of each text."""
    done = subprocess.run(
        [_NODE, "-e", _PROGRAM],
        input="\n".join(texts).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode().removesuffix("\n").split("\n")


@settings(max_examples=8, deadline=None)
@given(many=st.lists(values, min_size=30, max_size=60))
def test_values_are_written_as_javascript_writes_them(many: list[Any]) -> None:
    assert [stringify(each) for each in many] == in_javascript([json.dumps(each) for each in many])


@settings(max_examples=8, deadline=None)
@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=50))
def test_numbers_are_written_as_javascript_writes_them(numbers: list[float]) -> None:
    texts = [repr(each) for each in [*numbers, 1e21, 1e-7, 1e-6, 123456789012345678901.0, -0.0]]
    assert [stringify(float(each)) for each in texts] == in_javascript(texts)


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        stringify({"a": b""})
