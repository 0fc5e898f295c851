"""Finds the item before that others answer, decline, take back, name again or break down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from orderflow.grocery_list.items.drafts import Draft
from orderflow.grocery_list.piece import Link
from orderflow.grocery_list.preparations import is_description
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.words.goods import FLAVOURED, FLAVOURS, GOODS
from orderflow.grocery_list.words.nothing import WITHDRAWN
from orderflow.grocery_list.words.phrases import words_in

_AND: Final = re.compile(r"\s+(?:and|&)\s+", re.IGNORECASE)
_DASHES: Final = "-\N{EN DASH}\N{EM DASH}"
_DASH: Final = re.compile(rf"\s*[{_DASHES}]\s*")
# Their parts may have names of their own: "3 drinks: 2 coke, 1 water".
_OF_NAMES: Final = words_in("""
    juice juices drink drinks soda sodas cream bread slice slices sauce jam squash filler bake
""")
_OF_FLAVOURS: Final = FLAVOURED | _OF_NAMES | words_in("milkshakes indomie noodles")


def continues(last: Draft, draft: Draft, text: str) -> bool:
    """Whether the draft says so, or is an amount that answers a question: "Milk? 2 litres"."""
    if draft.completes or draft.name or not draft.amount:
        between = text[last.end : draft.start]
        return draft.completes and not any(map(str.isalnum, between))
    return last.amount is None and _answers(last, draft, text)


def _answers(last: Draft, draft: Draft, text: str) -> bool:
    """Whether a question mark stands between the item and the draft, on one line."""
    between = text[last.end : draft.start]
    return "?" in between and "\n" not in between


def declined(
    items: Sequence[Draft], current: Draft | None, draft: Draft, link: int, text: str
) -> Draft | None:
    """The item that there is to be none of, as the draft says: "coffee: none", "milk? no".

    Args:
        items: those before the draft.
        current: the one that the draft may complete.
        draft: what says so.
        link: what stands before it.
        text: the list.
    """
    if items and _answers(items[-1], draft, text):
        return items[-1]
    said = draft.reason or link in {Link.COLON, Link.DASH} or draft.said().lower() in WITHDRAWN
    return current if said else None


def taken_back(items: Sequence[Draft], draft: Draft) -> list[Draft]:
    """The items that the draft takes back: "not fish" means the "fresh fish" before it."""
    stems = stems_of(draft.takes_back)
    return [item for item in items if stems and stems <= stems_of(item.name)]


def mentioned(items: Sequence[Draft], draft: Draft, text: str) -> Sequence[Draft]:
    """The last item, where the line names it again with an amount: "lemons, yeah, lemons, three".

    Args:
        items: those before the draft.
        draft: what is asked for.
        text: the list.
    """
    last = items[-1] if items and draft.amount else None
    if last is None or last.amount or last.name.lower() != draft.name.lower():
        return ()
    return () if "\n" in text[last.start : draft.start] else (last,)


def stems_of(name: str) -> set[str]:
    """Its words in small letters, without the s of a plural."""
    return {word.rstrip("s") for word in name.lower().split()}


def is_joined(item: Draft, heading: Draft, text: str) -> bool:
    """Whether an "and" makes one heading of both, without an amount: "fruit & veg"."""
    return item.amount is None and _AND.fullmatch(text, item.end, heading.start) is not None


def broken_down(items: Sequence[Draft], text: str) -> list[Draft]:
    """The items that only sum up those behind them on their line, which get their names and units.

    "3 juice: 2 orange, 1 apple", "two breads, one white one brown", "4 tins soup, 2 tomato 2 veg";
    "3 drinks: 2 coke, 1 water".
    """
    totals = []
    for place, total in enumerate(items):
        parts = _parts_of(total, items[place + 1 :], text)
        if not parts:
            continue
        between = text[total.end : parts[0].start]
        if _are_kinds(parts, total, text):
            for part in parts:
                part.name = f"{part.name} {total.name}"
                if total.amount and part.amount:
                    part.amount = part.amount._replace(unit=total.amount.unit)
            totals.append(total)
        elif ":" in between:
            totals.append(total)
    return totals


def lending(titles: Sequence[Draft], items: Sequence[Draft], text: str) -> list[SetAside]:
    """The headings whose things the items behind them on their line describe, and get the name of.

    "bread: 2 white, 1 brown" asks for white bread and brown bread.
    """
    lent: list[SetAside] = []
    for title, following in pairwise([*titles, None]):
        line_end = text.find("\n", title.end) if title else -1
        end = line_end if line_end >= 0 else len(text)
        end = min(end, following.start) if following else end
        parts = [item for item in items if title and title.end <= item.start < end]
        if title and parts and title.name.lower().split()[-1] in GOODS and _describe(parts):
            for part in parts:
                part.name = f"{part.name} {title.name}"
            lent.append(SetAside(Reason.HEADING, (title.start, title.end)))
    return lent


def _describe(parts: Sequence[Draft]) -> bool:
    """Whether each only says how much there is of which kind: "2 white"."""
    words = [word for part in parts for word in part.name.lower().split()]
    return all(part.amount for part in parts) and all(map(is_description, words))


def _parts_of(total: Draft, behind: Sequence[Draft], text: str) -> Sequence[Draft]:
    """The items behind it on its line of which there is as much together; () for none."""
    if total.amount is None:
        return ()
    left = total.amount.quantity
    for count, part in enumerate(behind, 1):
        if part.amount is None or part.amount.unit not in {"", total.amount.unit}:
            return ()
        left -= part.amount.quantity
        if left < 0 or text.find("\n", total.end, part.start) >= 0:
            return ()
        if not left:
            return behind[:count] if count > 1 else ()
    return ()


def _are_kinds(parts: Sequence[Draft], total: Draft, text: str) -> bool:
    """Whether the parts only name kinds of the total: "white", "large"; flavours of juice."""
    words = {word for part in parts for word in part.name.lower().split()}
    if all(map(is_description, words)):
        return True
    noun = total.name.lower().split()[-1]
    if _OF_FLAVOURS.isdisjoint({noun, noun.removesuffix("s")}):
        return False
    are_flavours = all(word in FLAVOURS or is_description(word) for word in words)
    between = text[total.end : parts[0].start]
    if ":" in between or _is_dash_alone(total, parts, text):
        return are_flavours or (noun not in _OF_NAMES and not any(map(_is_plural, words)))
    return are_flavours and _counts_kinds(parts, total, between)


def _is_dash_alone(total: Draft, parts: Sequence[Draft], text: str) -> bool:
    """Whether a dash stands behind the total, and none before it or between the parts."""
    line = text.rfind("\n", 0, total.start) + 1
    is_behind = _DASH.fullmatch(text, total.end, parts[0].start) is not None
    others = (text[line : total.start], text[parts[0].end : parts[-1].start])
    return is_behind and not any(dash in part for part in others for dash in _DASHES)


def _counts_kinds(parts: Sequence[Draft], total: Draft, between: str) -> bool:
    """Whether so many of them cannot be things: "2 strawberry"; or nothing divides the words."""
    if not total.amount or not (total.amount.unit or _is_plural(total.name)):
        return False  # who writes "4 yoghurt" may write "2 banana" of bananas
    counted = any(
        part.amount and part.amount.quantity > 1 and not _is_plural(part.name) for part in parts
    )
    return counted or (bool(total.amount.unit) and not between.strip())


def _is_plural(name: str) -> bool:
    return name.lower().endswith("s")
