"""Tells what a correction changes: "6 eggs, sorry 8 eggs", "beef, I meant goat meat"."""

from __future__ import annotations

from orderflow.grocery_list.items.drafts import Draft


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
