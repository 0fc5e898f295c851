"""Recognises alternatives and examples: "olive, sunflower or vegetable oil", "a mix of herbs"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from orderflow.grocery_list.items.completions import (
    EXAMPLES,
    KITCHEN_MEASURES,
    KITCHEN_UNITS,
    OF_RECIPES,
)
from orderflow.grocery_list.items.drafts import Draft
from orderflow.grocery_list.words.goods import COMPOUND_GOODS

_POURED: Final = OF_RECIPES | {"milliliter", "fluid ounce"}
_MIXED: Final = frozenset({"mixture", "mix", "combination", "blend", "assortment"})


def exemplifies(draft: Draft, item: Draft | None) -> bool:
    """Whether the draft names examples, of which more may follow.

    "herbs such as dill", "or a mixture of red"; "e.g. dill" of the item before it, where recipes
    have its unit.
    """
    amount = draft.amount or (item.amount if item else None)
    is_recipe = amount is not None and amount.unit in KITCHEN_UNITS
    for note in draft.notes:
        words = note.lower().split()
        if words[:2] == ["such", "as"]:
            return True
        if is_recipe and words[:1] and words[0] in EXAMPLES:
            return True
        if any(word in _MIXED and after == "of" for word, after in pairwise(words)):
            return True
    return False


def is_last_of_several(line: Sequence[Draft], draft: Draft) -> bool:
    """Whether an "or" makes alternatives of what there is so much of.

    "1 cup milk, cream or water", and behind another comma "1 can navy, cannellini, or white beans".
    """
    if draft.amount or not line:
        return False
    if _shared_noun(line, draft):
        return True
    if not _names_another(line[0], draft):
        return False
    first, *others = line
    if first.amount is None or (draft.name and first.amount.unit not in OF_RECIPES):
        return False  # "5kg rice, beans, butter or margarine" are three things
    return (bool(others) or bool(draft.name)) and all(other.amount is None for other in others)


def _shared_noun(line: Sequence[Draft], draft: Draft) -> str:
    """The noun of "500 ml olive, sunflower or vegetable oil", which each word has; "" for none."""
    said = draft.name or (draft.notes[0] if draft.notes else "")
    *words, noun = said.lower().split(" for ")[0].split() or [""]
    amount = line[0].amount
    if "or" not in words or (amount and amount.unit not in _POURED):
        return ""  # "2kg rice, beans or yam flour"
    if any(other.amount for other in line[1:]):
        return ""
    kinds = [each.name.lower().split()[-1] for each in line]
    return noun if all((kind, noun) in COMPOUND_GOODS for kind in kinds) else ""


def _names_another(first: Draft, draft: Draft) -> bool:
    """Whether the draft says "or": "cream or water", "vegetable or sunflower oil" in a recipe."""
    if any(note.lower().startswith(("or ", "and/or ")) for note in draft.notes):
        return True
    is_kitchen = first.amount is not None and first.amount.unit in KITCHEN_MEASURES
    return is_kitchen and " or " in draft.name.lower()


def fold(line: Sequence[Draft], draft: Draft, written: str) -> Draft:
    """Make notes of all alternatives but the first; returns that.

    "1 cup olive, sunflower or vegetable oil" is a cup of olive oil.
    """
    first, *others = line
    noun = _shared_noun(line, draft)
    first.name += f" {noun}" if noun else ""
    first.notes.extend([*(other.name for other in others), written])
    first.end = draft.end
    return first
