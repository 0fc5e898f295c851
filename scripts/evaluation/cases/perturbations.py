"""Perturbed forms of a line: glued, trailing, prefixed, bulleted, shouted.

A perturbation keeps the meaning, so the label stays the same. A seeded random generator draws the
form of each style.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from scripts.evaluation.cases.labelled import DevLine, LabelledLine

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


class ItemText(NamedTuple):
    """An item as text in parts: ``1/2``, ``cups``, ``milk``; and its label."""

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


class PerturbedLine(NamedTuple):
    """A text of one line, its label and the style of its perturbation."""

    style: str
    text: str
    label: LabelledLine


def dev_line_text(line: DevLine) -> ItemText | None:
    """The parts of a development line; None unless it is an amount before a name."""
    amount = line.text.removesuffix(line.name).strip()
    found = re.fullmatch(r"([\d/.,½¼¾⅓⅔ ]*[\d½¼¾⅓⅔])\s*(\D*)", amount)
    if found is None or not line.text.endswith(line.name):
        return None
    return ItemText(found[1].strip(), found[2].strip(), line.label())


def label_text(label: LabelledLine, rng: random.Random) -> ItemText:
    """A label as an amount before a name; the unit's abbreviation is drawn at random."""
    quantity = Fraction(label.quantity).limit_denominator(16)
    whole, rest = divmod(quantity.numerator, quantity.denominator)
    number = " ".join(
        filter(None, [str(whole or ""), f"{rest}/{quantity.denominator}" if rest else ""])
    )
    plain = label.model_copy(update={"notes": ()})
    if abs(label.quantity - label.quantity.to_integral_value()) > 0 and quantity.denominator > 4:  # noqa: PLR2004
        number = f"{label.quantity:f}"
    return ItemText(number, rng.choice(_ABBREVIATED.get(label.unit, (label.unit,))), plain)


def perturb(items: Iterable[ItemText], seed: int) -> list[PerturbedLine]:
    """Each item once in each style."""
    rng = random.Random(seed)  # noqa: S311  # nosec B311 # no secret
    return [
        PerturbedLine(style, perturb_item(item, rng), item.label)
        for item in items
        for style, perturb_item in STYLES.items()
    ]


def _glued(item: ItemText, rng: random.Random) -> str:
    number = item.number
    for written, character in _GLUED_FRACTIONS.items():
        number = number.replace(f" {written}", character)
    unit = item.unit
    if item.label.unit in _ABBREVIATED:
        unit = rng.choice(_ABBREVIATED[item.label.unit])
    return f"{number}{unit} {item.label.name}" if unit else f"{number}{item.label.name}"


def _trailing(item: ItemText, rng: random.Random) -> str:
    return rng.choice(_TRAILINGS).format(name=item.label.name, amount=item.amount)


def _prefixed(item: ItemText, rng: random.Random) -> str:
    return rng.choice(_PREFIXES).format(item.plain)


def _bulleted(item: ItemText, rng: random.Random) -> str:
    return rng.choice(_BULLETS).format(item.plain)


def _shouted(item: ItemText, rng: random.Random) -> str:
    return item.plain.upper() + rng.choice(("", "!", "!!!"))


STYLES: Final[Mapping[str, Callable[[ItemText, random.Random], str]]] = {
    "glued": _glued,
    "trailing": _trailing,
    "prefixed": _prefixed,
    "bulleted": _bulleted,
    "shouted": _shouted,
}
