"""The same items as shoppers also write them: glued, trailing, prefixed, bulleted, shouted.

Every rewrite keeps what is meant, so the label stays the same; which form of a style a line gets
is drawn by chance from a seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from scripts.evaluation.labelled import DevLine, LabelledLine

_ABBREVIATED: Final[Mapping[str, tuple[str, ...]]] = {
    "bottle": ("btl", "bottles"),
    "can": ("tins", "cans"),
    "centiliter": ("cl",),
    "cup": ("cups", "cup"),
    "gram": ("g", "gms", "grams"),
    "kilogram": ("kg", "kgs", "kilos"),
    "liter": ("l", "ltr", "litres"),
    "milliliter": ("ml", "mls"),
    "ounce": ("oz", "ounces"),
    "package": ("pkt", "packs", "packets"),
    "piece": ("pcs", "pieces"),
    "pound": ("lb", "lbs", "pounds"),
    "tablespoon": ("tbsp", "tbs", "tablespoons"),
    "teaspoon": ("tsp", "teaspoons"),
}
_PREFIXES: Final = (
    "please get me {}",
    "I need {}",
    "can you add {}",
    "pls buy {}",
    "we also want {}",
    "I'd like {}, please",
    "could I have {} please?",
    "abeg send {}",
    "don't forget {}",
    "add {} to my list",
)
_BULLETS: Final = ("- {}", "* {}", "• {}", "1. {}", "3) {}", "[ ] {}", "- [x] {}", "☐ {}", "(2) {}")
_TRAILINGS: Final = (
    "{name}, {amount}",
    "{name} - {amount}",
    "{name}: {amount}",
    "{name} ({amount})",
)
_GLUED_FRACTIONS: Final = {"1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔"}


class Written(NamedTuple):
    """An item in its parts as text: ``1/2``, ``cups``, ``milk``; and what it means."""

    number: str
    unit: str
    label: LabelledLine

    @property
    def amount(self) -> str:
        """``1/2 cups``."""
        return f"{self.number} {self.unit}".strip()

    @property
    def plain(self) -> str:
        """``1/2 cups milk``."""
        return f"{self.amount} {self.label.name}"


class Rewrite(NamedTuple):
    """A text of one line, and what it means. ``style`` names the way in which it is messy."""

    style: str
    text: str
    label: LabelledLine


def written_dev_line(line: DevLine) -> Written | None:
    """The parts of a development line; None where it is not an amount before a name."""
    amount = line.text.removesuffix(line.name).strip()
    found = re.fullmatch(r"([\d/.,½¼¾⅓⅔ ]*[\d½¼¾⅓⅔])\s*(\D*)", amount)
    if found is None or not line.text.endswith(line.name):
        return None
    return Written(found[1].strip(), found[2].strip(), line.label())


def written_line(label: LabelledLine, rng: random.Random) -> Written:
    """One of our labels as an amount before a name, the unit abbreviated by chance."""
    quantity = Fraction(label.quantity).limit_denominator(16)
    whole, rest = divmod(quantity.numerator, quantity.denominator)
    number = " ".join(
        filter(None, [str(whole or ""), f"{rest}/{quantity.denominator}" if rest else ""])
    )
    plain = label.model_copy(update={"notes": ()})
    if abs(label.quantity - label.quantity.to_integral_value()) > 0 and quantity.denominator > 4:  # noqa: PLR2004
        number = f"{label.quantity:f}"
    return Written(number, rng.choice(_ABBREVIATED.get(label.unit, (label.unit,))), plain)


def rewrites(items: Iterable[Written], seed: int) -> list[Rewrite]:
    """Each item once in each style."""
    rng = random.Random(seed)  # noqa: S311  # nosec B311 # no secret
    return [
        Rewrite(style, rewrite(item, rng), item.label)
        for item in items
        for style, rewrite in STYLES.items()
    ]


def _glued(item: Written, rng: random.Random) -> str:
    number = item.number
    for written, character in _GLUED_FRACTIONS.items():
        number = number.replace(f" {written}", character)
    unit = item.unit
    if item.label.unit in _ABBREVIATED:
        unit = rng.choice(_ABBREVIATED[item.label.unit])
    return f"{number}{unit} {item.label.name}" if unit else f"{number}{item.label.name}"


def _trailing(item: Written, rng: random.Random) -> str:
    return rng.choice(_TRAILINGS).format(name=item.label.name, amount=item.amount)


def _prefixed(item: Written, rng: random.Random) -> str:
    return rng.choice(_PREFIXES).format(item.plain)


def _bulleted(item: Written, rng: random.Random) -> str:
    return rng.choice(_BULLETS).format(item.plain)


def _shouted(item: Written, rng: random.Random) -> str:
    return item.plain.upper() + rng.choice(("", "!", "!!!"))


STYLES: Final[Mapping[str, Callable[[Written, random.Random], str]]] = {
    "glued": _glued,
    "trailing": _trailing,
    "prefixed": _prefixed,
    "bulleted": _bulleted,
    "shouted": _shouted,
}
