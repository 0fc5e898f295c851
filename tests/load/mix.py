"""The messages that customers send: shoppers', the popular ones more often (Zipf's law).

The k-th most popular of n messages is sent with a probability in proportion to 1 / k^s:
https://en.wikipedia.org/wiki/Zipf%27s_law.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final

from tests.support.paths import TESTS

EXPONENT: Final = 1.0
#: Written for this project; `_held_out` judges the parser, and nothing else may look at it.
_FILES: Final = ("shoppers_own.jsonl", "shoppers_more.jsonl", "shoppers_dev.jsonl")


def shoppers(folder: Path = TESTS / "data") -> list[str]:
    """All messages, in the order of their popularity, which is that of the files."""
    return [
        str(json.loads(line)["text"])
        for name in _FILES
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]


def zipf(messages: Sequence[str], random: Random, exponent: float = EXPONENT) -> Iterator[str]:
    """Messages without end."""
    weights = [1 / rank**exponent for rank in range(1, len(messages) + 1)]
    cumulated = [*accumulate(weights)]
    while True:
        yield random.choices(messages, cum_weights=cumulated)[0]
