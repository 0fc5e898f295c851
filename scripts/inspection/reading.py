"""Views read a bounded number of items, and say how many they have read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

from orderflow.platform.dynamodb import MAX_BATCH

T = TypeVar("T")

#: A view reads so many orders of one status at most, the newest: with the next one, which says that
#: there are more, a page of the table.
MAX_ORDERS: Final = MAX_BATCH - 1


@dataclass
class Reading:
    """How much a view has read.

    Attributes:
        items: the number of orders, log lines or e-mails.
        unread: what there is more of, in words: "PAYMENT_INITIATED".
    """

    items: int = 0
    unread: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left unread."""
        return not self.unread

    def bounded(self, items: Iterable[T], limit: int, what: str) -> Iterator[T]:
        """At most ``limit`` of the items; notes what was left unread.

        Args:
            items: read as they are consumed.
            limit: how many.
            what: their kind, for :attr:`unread`.
        """
        rest = iter(items)
        for item in islice(rest, limit):
            self.items += 1
            yield item
        if next(rest, None) is not None:
            self.unread.append(what)

    def as_json(self) -> dict[str, Any]:
        """The form for ``--json``."""
        return {"items": self.items, "unread": self.unread}

    def __str__(self) -> str:
        """``Read 25 items.``, and what was left unread."""
        text = f"Read {self.items:,} {'item' if self.items == 1 else 'items'}."
        more = f" There is more: {', '.join(self.unread)}." if self.unread else ""
        return text + more
