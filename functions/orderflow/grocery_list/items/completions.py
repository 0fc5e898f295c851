"""Tells how the next draft of a list completes the item before it, or corrects it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from orderflow.grocery_list.items.drafts import Draft
from orderflow.grocery_list.items.references import stems_of
from orderflow.grocery_list.piece import Link
from orderflow.grocery_list.preparations import is_description
from orderflow.grocery_list.quantities.amount import Amount, Size, added
from orderflow.grocery_list.quantities.amounts import CONTAINERS, CONTENTS
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import HEADING_ENDINGS, MEALS
from orderflow.grocery_list.words.vocabulary import NAPPIES, SIZES
from orderflow.units import COUNTED_UNITS, MEASURES

_DIMENSIONS: Final = words_in("inch inches long wide thick tall square across diameter total each")
_ADDING: Final = re.compile(r"plus|\+", re.IGNORECASE)
EXAMPLES: Final = frozenset({"e.g.", "e.g", "eg", "like"})
_SHORTEST_UNFINISHED: Final = 3  # words: "or other wide"
# Kitchen measures and pieces: what is added to them is no second thing to buy.
KITCHEN_MEASURES: Final = words_in("cup tablespoon dessertspoon teaspoon")
OF_RECIPES: Final = KITCHEN_MEASURES | {"ounce", "pint", "quart"}
KITCHEN_UNITS: Final = KITCHEN_MEASURES | words_in("clove sprig stalk head pinch handful bunch")
_PIECES: Final = words_in("wedge slice leaf leave sprig strip twist piece clove tip some extra")
_AND: Final = re.compile(r"\s+(?:and|&)\s+", re.IGNORECASE)
_MOST_SIZES: Final = 10  # of nappies
#: What stands between an item and what completes it.
COMPLETING: Final = frozenset({Link.COMMA, Link.COLON, Link.DASH})


def is_title(item: Draft) -> bool:
    """Whether the item may be the title of those that follow: "lunchbox bits - grapes"."""
    name = item.name.lower()
    return name in MEALS or name.split()[-1] in HEADING_ENDINGS


def is_of_kind(item: Draft, draft: Draft) -> bool:
    """Whether the draft says how many packs, and of which kind: "beer - Heineken 20 bottles"."""
    if draft.amount is None or draft.amount.unit not in COUNTED_UNITS:
        return False
    is_brand = item.name.lower() in GOODS and GOODS.isdisjoint(draft.name.lower().split())
    return bool(draft.amount.notes) or is_brand


def describes(item: Draft) -> bool:
    """Whether the item has an amount and, so far, no noun: "2 boneless"."""
    return item.amount is not None and all(
        is_description(word) or word == "and" for word in item.name.lower().replace(",", "").split()
    )


def may_lend(item: Draft, draft: Draft) -> bool:
    """Whether the draft may name what the item describes: "2 boneless", chicken thighs (450 g)."""
    return (draft.amount is None or bool(draft.bracketed)) and describes(item)


def lend_description(item: Draft, draft: Draft, link: int) -> list[str]:
    """Name what "2 boneless, skinless chicken thighs" are; returns what the draft says of them."""
    item.name += f"{', ' if link == Link.COMMA else ' and '}{draft.name}"
    notes = [note for note in draft.notes if note not in draft.bracketed]
    return [draft.bracketed, *notes] if draft.bracketed else notes


def is_unfinished(remark: Draft) -> bool:
    """Whether the remark's noun is still to come: "cut into thin", even strips; "or other wide"."""
    words = remark.notes[-1].lower().split() if remark.notes else []
    if len(words) < _SHORTEST_UNFINISHED or not ("into" in words or words[0] == "or"):
        return False
    return is_description(words[-1]) or words[-1] in SIZES


def may_follow(amount: Draft, link: int) -> bool:
    """Whether a name behind this link may belong to the amount before it."""
    if link == Link.COMMA:  # "2, limes", but "5 cloves, limes" are two things
        return amount.amount is not None and amount.amount.unit not in COUNTED_UNITS
    return link in COMPLETING or link == Link.CORRECTION


def complete_amount(item: Draft, draft: Draft, link: int, written: str) -> bool:
    """Give the item the amount behind it: how much of it, how many packs, or what a pack holds.

    Args:
        item: the item before the amount.
        draft: the amount, with its remarks.
        link: what stands between both.
        written: the amount as the list has it; a size becomes a note.

    Returns:
        Whether the amount is the item's.
    """
    amount = draft.amount
    if amount is None:
        return False
    if _is_size(item, amount, link):
        item.size = item.size or Size(amount.quantity, amount.unit)
        item.notes.append(written)
        return True
    if item.amount is None:
        if link not in COMPLETING:
            return False
        item.amount, item.size = amount, item.size or draft.size
    elif _is_size_of_nappies(item, item.amount, amount):
        item.name, item.amount = f"{item.name} {item.amount.quantity:f}", amount
    elif _counts_packs(item.amount, amount, draft, link):
        count_packs(item, item.amount, amount)
    else:
        return False
    item.notes.extend(draft.notes)
    return True


def _is_size(item: Draft, measure: Amount, link: int) -> bool:
    """Whether the amount says how large a thing is: "1 bottle Dettol, 2l", "SMA Gold 2, 800g"."""
    if link != Link.COMMA or measure.unit not in MEASURES:
        return False
    if item.amount is None:
        return item.name[-1:].isdigit()
    return item.name[-1:].isdigit() or item.amount.unit not in MEASURES


def _is_size_of_nappies(item: Draft, size: Amount, packs: Amount) -> bool:
    """Whether the first number is one: "pampers 4, 2 packs"."""
    is_number = not size.unit and size.quantity < _MOST_SIZES and packs.unit in CONTAINERS
    return is_number and not NAPPIES.isdisjoint(item.name.lower().split())


def _counts_packs(size: Amount, amount: Amount, draft: Draft, link: int) -> bool:
    """Whether the second amount counts packs of the first's size: "sugar 500g, 2 packs"."""
    if amount.quantity != amount.quantity.to_integral_value():
        return False
    if _says_what_one_holds(size):  # "85g pouches - 40", "carton (40 pcs) - 2"
        return not amount.unit and (link in COMPLETING or draft.is_multiple)
    if size.unit not in MEASURES and not (size.unit in CONTENTS and amount.unit in CONTAINERS):
        return False
    if amount.unit in COUNTED_UNITS:
        return link in COMPLETING
    return not amount.unit and (link in COMPLETING or draft.is_multiple)


def _says_what_one_holds(pack: Amount) -> bool:
    is_one = pack.quantity == 1 and pack.unit in COUNTED_UNITS
    return is_one and any(note[:1].isdigit() for note in pack.notes)


def count_packs(item: Draft, size: Amount, packs: Amount) -> None:
    """Make a number of packs of the item, and the size of one of what was its amount."""
    if size.unit in COUNTED_UNITS and not packs.unit:
        item.amount = packs._replace(unit=size.unit)
        return
    item.notes.append(f"{size.quantity.normalize():f} {size.unit_word}")
    item.size = Size(size.quantity, size.unit) if size.unit in MEASURES else item.size
    item.amount = packs


def add_parts(first: Draft, draft: Draft) -> bool:
    """Add an amount to the one behind it; of two that say the same, the second becomes a note."""
    if first.amount is None or draft.amount is None:
        return False
    if _counts_sized(first.amount, draft, draft.amount):
        return True
    total = added(first.amount, draft.amount) or added(draft.amount, first.amount)
    if total:
        draft.amount = total
        return True
    says_again = draft.is_approximate and bool(first.amount.unit)  # "1 packet, about 2 tsp yeast"
    adds_rest = first.amount.unit == "stick" and draft.amount.unit in KITCHEN_MEASURES
    if not (says_again or adds_rest or {first.amount.unit, draft.amount.unit} <= MEASURES):
        return False
    draft.notes.insert(0, f"{draft.amount.quantity:f} {draft.amount.unit_word}")
    draft.amount = first.amount
    return True


def _counts_sized(count: Amount, draft: Draft, amount: Amount) -> bool:
    """Give the draft the count that stands before its size: "2, 28 oz cans", "4, 6 oz steaks"."""
    is_several = count.quantity > 1 and count.quantity == count.quantity.to_integral_value()
    if count.unit or not is_several:
        return False
    if draft.size and amount.quantity == 1 and amount.unit_word.lower().endswith("s"):
        draft.amount = amount._replace(quantity=count.quantity)
        return True
    if amount.unit != "ounce" or not draft.name.endswith("s"):
        return False
    draft.notes.insert(0, f"{amount.quantity:f} {amount.unit_word}")
    draft.amount, draft.size = count, Size(amount.quantity, amount.unit)
    return True


def give_each(line: Sequence[Draft], amount: Amount) -> None:
    """Give the last items of a line what there is of each: "rice and beans 5kg each"."""
    last = line[-1] if line else None
    if last and last.size and last.amount and last.amount.quantity == 1 and not amount.unit:
        # "black beans & pinto beans, 15 oz cans, 4 each"
        amount = amount._replace(unit=last.amount.unit)
        last.amount = None
    for item in reversed(line):
        if item.amount is not None:
            return
        item.amount = amount


def lend_noun(item: Draft, following: Draft) -> None:
    """Name what "2 red and 3 green peppers" has two of."""
    words = following.name.split()
    described = [word for word in words if is_description(word.lower())]
    nouns = words[len(described) :]
    if item.amount is None or following.amount is None or not described or not nouns:
        return
    if words[: len(described)] == described and is_description(item.name.lower()):
        item.name = " ".join([item.name, *nouns])


def is_added(item: Draft, draft: Draft, text: str) -> bool:
    """Whether a "plus" stands between both."""
    return _ADDING.search(text, item.end, draft.start) is not None


def says_how_large(draft: Draft) -> bool:
    """Whether the draft only says how large a thing is: "about 3 inches long", "about 3"."""
    return not draft.name or draft.name.lower().split()[-1] in _DIMENSIONS


def is_more_of(item: Draft, draft: Draft) -> bool:
    """Whether a "plus" adds some of the same, which is bought anyhow.

    "2 cloves garlic, plus 1 for rubbing", "1 sprig basil plus a handful of basil leaves".
    """
    if item.amount is None:
        return False
    if draft.amount and {item.amount.unit, draft.amount.unit}.isdisjoint(KITCHEN_UNITS):
        return False
    words = [word for word in draft.name.lower().split() if not is_description(word)]
    said = {word.rstrip("s") for word in words} - _PIECES
    if not said:
        return True
    return not draft.name.lower().endswith(("yolk", "yolks", "white", "whites")) and (
        draft.name.lower().rstrip("s").split()[-1] in stems_of(item.name)
        or said <= stems_of(item.name)
    )


def split_described(draft: Draft, text: str) -> tuple[Draft, ...]:
    """The two things of "red and green peppers"; none where the name is of one thing."""
    named, written = _AND.search(draft.name), _AND.search(text, draft.start, draft.end)
    if named is None or written is None:
        return ()
    first, rest = draft.name[: named.start()], draft.name[named.end() :]
    words = rest.split()
    nouns = [word for word in words if not is_description(word.lower())]
    other = replace(draft, start=written.end(), name=rest, notes=[])
    return replace(draft, name=" ".join([first, *nouns]), end=written.start()), other


def amend(old: Draft, draft: Draft) -> bool:
    """Give the item the new amount or the new name where the correction has only one of them."""
    if not old.name or bool(draft.name) == bool(draft.amount):
        return False
    if draft.amount:  # "make that three"
        unit = draft.amount.unit or (old.amount.unit if old.amount else "")
        old.amount = draft.amount._replace(unit=unit)
    else:  # "two kilos of beef, sorry, I meant goat meat"
        old.name = draft.name
        old.notes.extend(draft.notes)
    old.end = draft.end
    return True


def replaces(old: Draft, draft: Draft) -> bool:
    """Whether the correction stands in the place of the whole item or amount before it."""
    if draft.amount is None:
        return False
    return not old.name or _same_thing(old.name, draft.name) or _same_amount(old, draft)


def _same_thing(name: str, other: str) -> bool:
    """Whether the names mean the same thing, as "yoghurts" and "Yoghurt" do."""
    first, second = ({word.rstrip("s") for word in each.lower().split()} for each in (name, other))
    return first <= second or second <= first


def _same_amount(draft: Draft, other: Draft) -> bool:
    """Whether there is as much of both: "1 bag cement ... sorry, 1 bag rice"."""
    if draft.amount is None or other.amount is None:
        return False
    return draft.amount[:2] == other.amount[:2]
