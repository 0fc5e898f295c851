"""Finds the item before that a draft speaks of: answers, declines, takes back or names again."""

from __future__ import annotations

from collections.abc import Sequence

from orderflow.grocery_list.items.drafts import Draft
from orderflow.grocery_list.piece import Link


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
    return current if draft.reason or link in {Link.COLON, Link.DASH} else None


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


def _same_amount(draft: Draft, other: Draft) -> bool:
    """Whether there is as much of both: "1 bag cement ... sorry, 1 bag rice"."""
    if draft.amount is None or other.amount is None:
        return False
    return draft.amount[:2] == other.amount[:2]


def stems_of(name: str) -> set[str]:
    """Its words in small letters, without the s of a plural."""
    return {word.rstrip("s") for word in name.lower().split()}
