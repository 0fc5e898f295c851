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
from orderflow.grocery_list.piece import Link
from orderflow.grocery_list.preparations import is_adverb, is_participle
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS

_HOLDING: Final = frozenset({"with", "of"})
_PREPOSITIONS: Final = _HOLDING | {"in", "into", "from"}
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
        if " " not in note:
            continue
        words = note.lower().split()
        if words[:2] == ["such", "as"]:
            return True
        if is_recipe and words[:1] and words[0] in EXAMPLES:
            return True
        if any(word in _MIXED and after == "of" for word, after in pairwise(words)):
            return True
    return False


def says_more(item: Draft, draft: Draft, link: int, *, said: tuple[bool, bool]) -> bool:
    """Whether the draft goes on with what is said of the item.

    Args:
        item: the one before the draft.
        draft: a name, and perhaps an amount.
        link: what stands between both.
        said: whether a remark stands right before the draft, and whether that lacks a noun.
    """
    after_remark, is_unfinished = said
    if link == Link.COMMA:
        ends = after_remark and _ends_examples(item, draft)
        return draft.amount is None and (ends or is_unfinished)
    if link != Link.AND:
        return False
    return _goes_on_with(item, draft) if after_remark else _goes_on_in_name(item, draft)


def _ends_examples(item: Draft, draft: Draft) -> bool:
    """Whether an "or" ends the examples of the last remark: "like cod, hake or ling"."""
    words = item.notes[-1].lower().split() if item.notes else []
    if not words or words[0] not in EXAMPLES:
        return False
    return " or " in draft.name.lower() or any(note.startswith("or ") for note in draft.notes)


def _goes_on_in_name(item: Draft, draft: Draft) -> bool:
    """Whether an "and" goes on with a name of a recipe: "2 oz cheese with chives" and onions."""
    is_recipe = item.amount is not None and item.amount.unit in OF_RECIPES
    return is_recipe and draft.amount is None and " with " in item.name.lower()


def _goes_on_with(item: Draft, draft: Draft) -> bool:
    """Whether an "and" goes on with the item's last remark: "seasoned with salt" and pepper.

    "or 1 cup milk" and 1 cup cream; "crushed in a mortar" and pestle, but "packed in oil" and eggs.
    """
    words = item.notes[-1].lower().split() if item.notes else []
    if draft.amount is not None:
        of = next((at for at, word in enumerate(words) if word in {"or", "with"}), len(words))
        is_counted = words[of + 1 : of + 2] != [] and words[of + 1][0].isnumeric()
        return is_counted and draft.amount.unit in OF_RECIPES
    if words and words[0] in EXAMPLES:  # "herbs, e.g. parsley" and chives
        return True
    if words[:2] == ["preferably", "with"]:
        return True
    while words and is_adverb(words[0]):
        words = words[1:]
    if not words or not is_participle(words[0]):
        return False
    if not _HOLDING.isdisjoint(words) and not item.ends_in_remark:
        return True
    is_thing = not GOODS.isdisjoint(draft.name.lower().split())
    return not is_thing and not _PREPOSITIONS.isdisjoint(words)


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
