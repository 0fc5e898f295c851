"""Orders' ids, also abbreviated to their first characters, as git abbreviates commits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from orderflow.orders.store import OrderStore
from scripts.cli.console import CommandError, ExitCode

#: So many characters of an id tell a few thousand orders apart.
SHORT: Final = 8

#: An order's id, and any other UUID.
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: The beginning of an id that is looked up.
ABBREVIATED: Final = re.compile(r"[0-9a-f][0-9a-f-]{3,34}")
_SHOWN: Final = 5


def full_id(orders: OrderStore, text: str, unwritten: Callable[[], Iterable[str]] = tuple) -> str:
    """The id of the order that a text means: an id as it stands, or the beginning of one.

    Beginnings of 4 characters and more are looked up in an index of the ids.

    Args:
        orders: the stage's.
        text: an order's id, or its beginning.
        unwritten: the ids of orders that the table may not have; asked where it has none.

    Raises:
        CommandError: no order's id begins so, or several do.
    """
    beginning = text.strip().lower()
    if not ABBREVIATED.fullmatch(beginning):
        return text
    found = orders.ids_beginning(beginning, _SHOWN + 1) or sorted(
        {each for each in unwritten() if each.startswith(beginning)}
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(_ambiguous(beginning, found), ExitCode.REFUSED)
    raise CommandError(
        f"There is no order whose id begins with {beginning}. "
        "`orders list` shows what there is; a new order takes a second to appear.",
        ExitCode.NOT_FOUND,
    )


def _ambiguous(beginning: str, found: list[str]) -> str:
    number = f"More than {_SHOWN}" if len(found) > _SHOWN else str(len(found))
    shown = ", ".join(found[:_SHOWN])
    return f"{number} orders' ids begin with {beginning}, such as {shown}. Give more of it."
