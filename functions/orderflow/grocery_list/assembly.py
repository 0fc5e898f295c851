"""Joins what the pieces of a list say: one may complete the item before it, or the next."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from orderflow.grocery_list.items import completions
from orderflow.grocery_list.items.alternatives import (
    exemplifies,
    fold,
    is_last_of_several,
    says_more,
)
from orderflow.grocery_list.items.drafts import Draft
from orderflow.grocery_list.items.references import (
    broken_down,
    continues,
    declined,
    is_joined,
    lending,
    mentioned,
    taken_back,
)
from orderflow.grocery_list.piece import Link
from orderflow.grocery_list.quantities.amount import Amount
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.words.nothing import UNNEEDED

#: The most lines that a list may have; what is beyond is reported as not understood.
MAX_LINES: Final = 100

_LISTING: Final = frozenset({Link.COMMA, Link.AND})


class Assembly:
    """Collects the drafts of a list, in its order.

    Attributes:
        items: the things asked for.
        rejected: spans of what is no item.
        set_aside: what was understood to be no item: refusals.
        overflow: where the line begins that is one too many; None as long as there is none.
    """

    def __init__(self, text: str) -> None:
        self.items: list[Draft] = []
        self.rejected: list[tuple[int, int]] = []
        self.set_aside: list[SetAside] = []
        self.overflow: int | None = None
        self._text = text
        self._current: Draft | None = None  # what the next draft may complete
        self._waiting: Draft | None = None  # an amount that a name may follow: "2 - milk"
        self._heading: Draft | None = None  # an item, unless nothing completes it: "Dairy:"
        self._each: Amount | None = None  # what there is of each item up to the line's end
        self._each_heading: Draft | None = None  # "2 each:", before the first item of that line
        self._titles: list[Draft] = []  # headings that nothing completed: "bread:"
        self._line: list[Draft] = []  # the items of this line so far
        self._gives_examples = False  # a "such as" goes on: "herbs such as dill, mint"
        self.after_remark = self._remark_goes_on = False  # ... which lacks a noun: "cut into thin"

    def add(self, draft: Draft, link: int, *, is_heading: bool) -> None:
        """Take in the next draft of the list."""
        if self._continues_last(draft):
            self._answer(draft)
            return
        gives_examples = exemplifies(draft, self._current)  # now: it may take in earlier notes
        if link == Link.LINE:
            self.end_line()
        if (link == Link.CORRECTION and self._correct(draft)) or self._refuses(draft, link):
            return
        current = self._current
        if current and link in _LISTING and self._is_said_of(current, draft, link):
            self._complete(current, draft, [self._written(draft)])
        elif current and link == Link.COMMA and is_last_of_several(self._line, draft):
            self._fold(draft)
        elif draft.name:
            self._add_item(draft, link, is_heading=is_heading)
        elif draft.amount:
            self._add_amount(draft, draft.amount, link, is_heading=is_heading)
        elif not self._add_remark(draft, link):
            self._reject(draft)
        self.after_remark = draft.is_remark or draft.ends_in_remark
        self._remark_goes_on = self.after_remark and completions.is_unfinished(draft)
        self._gives_examples = self._gives_examples or gives_examples

    def _add_remark(self, draft: Draft, link: int) -> bool:
        """Note what is said of the item, or of the amount, before it; False for neither."""
        of = self._current or (self._waiting if link == Link.COMMA else None)
        if not draft.notes or link == Link.LINE or of is None:
            return False
        if of is self._current and link == Link.COMMA and completions.describes(of):
            of.name += f", {draft.notes.pop(0)}"
        self._complete(of, draft, draft.notes)  # "1 tbsp, or more, oil"
        return True

    def _fold(self, draft: Draft) -> None:
        """Make alternatives of all but the first of "1 cup olive, sunflower or vegetable oil"."""
        for other in self._line[1:]:
            self.items.remove(other)
        self._current = fold(self._line, draft, self._written(draft))
        self._line = [self._current]

    def _is_said_of(self, item: Draft, draft: Draft, link: int) -> bool:
        """Whether the draft says more of the item: "about 3 inches long", or another example."""
        if says_more(item, draft, link, said=(self.after_remark, self._remark_goes_on)):
            return True
        if link == Link.AND and completions.is_added(item, draft, self._text):
            return completions.is_more_of(item, draft)
        if draft.is_approximate and item.amount and draft.amount:
            return completions.says_how_large(draft)
        return self._gives_examples and bool(draft.name) and draft.amount is None

    def end_line(self) -> None:
        """Nothing that follows completes what came before."""
        self._settle()
        self._end_each()
        self._current, self._each, self._line = None, None, []
        self.after_remark = self._gives_examples = False

    def _end_each(self) -> None:
        """Report a "2 each:" that no item follows."""
        if self._each_heading:
            self._append(self._each_heading)
            self._each_heading = None

    def _answer(self, draft: Draft) -> None:
        """ "do we need milk? if so, 2 pints": the amount is the last item's."""
        item = self.items[-1]
        item.amount = draft.amount or item.amount
        self._complete(item, draft, draft.notes)

    def _continues_last(self, draft: Draft) -> bool:
        """Whether the draft belongs to the item right before it, which another line may hold."""
        if not self.items or self._waiting or self._heading:
            return False
        return continues(self.items[-1], draft, self._text)

    def _correct(self, draft: Draft) -> bool:
        """Take in what corrects the item or amount before it; False where it is still to be added.

        "two, no wait, three pints of milk", "2 bottles of wine, make that three".
        """
        old = self._waiting or (self.items[-1] if self.items else None)
        if old and completions.amend(old, draft):
            self._current = old
            return True
        if old and completions.replaces(old, draft):
            self._waiting = self._current = self._heading = None
            if self.items and self.items[-1] is old:
                self.items.pop()
                self._line = [item for item in self._line if item is not old]
            draft.start = old.start
        return False

    def _refuses(self, draft: Draft, link: int) -> bool:
        """Whether the draft takes an item back: "coffee: none", "fresh fish, sorry, not fish"."""
        if draft.takes_back and taken_back(self.items, draft):
            self._reject(draft)
            return True
        if draft.said().lower() not in UNNEEDED:
            return False
        item = declined(self.items, self._current, draft, link, self._text)
        if item:
            item.end = draft.end
            self._drop(item, draft.reason or Reason.REFUSED)
        return bool(item or self._current)

    def _add_item(self, draft: Draft, link: int, *, is_heading: bool) -> None:
        if self._waiting and draft.amount and link in _LISTING:
            self._add_up(self._waiting, draft)
        if self._waiting and draft.amount is None and completions.may_follow(self._waiting, link):
            draft.start, draft.amount = self._waiting.start, self._waiting.amount
            draft.notes = self._waiting.notes + draft.notes
            draft.size = draft.size or self._waiting.size
            self._waiting = None
        elif self._current and draft.amount is None and link == Link.DASH:
            self._complete(self._current, draft, [self._written(draft)])
            return
        elif self._current and link in _LISTING and completions.may_lend(self._current, draft):
            notes = completions.lend_description(self._current, draft, link)
            self._complete(self._current, draft, notes)
            return
        elif self._current and link == Link.AND:
            completions.lend_noun(self._current, draft)
        elif self._current and link == Link.DASH and self._current.amount is None:
            if self._line == [self._current] and completions.is_title(self._current):
                self._drop(self._current, Reason.HEADING)
            elif completions.is_of_kind(self._current, draft):
                self._current.amount, self._current.size = draft.amount, draft.size
                self._complete(self._current, draft, [*draft.notes, draft.name])
                return
        self._settle()
        self._share_amount(draft)
        if draft.is_each and self._append_described(draft):
            return
        self._append(draft)
        self._current = draft
        self._heading = draft if is_heading and draft.amount is None else None

    def _add_up(self, waiting: Draft, draft: Draft) -> None:
        """Take in the amount before the item: "1 cup, 2 tbsp oil", "150g | 1 cup sugar"."""
        if completions.add_parts(waiting, draft):
            waiting.notes += draft.notes
            draft.start, draft.notes, self._waiting = waiting.start, waiting.notes, None

    def _drop(self, item: Draft, reason: str) -> None:
        self.items.remove(item)
        self.set_aside.append(SetAside(reason, (item.start, item.end)))
        self._line, self._current, self._heading = [], None, None

    def _share_amount(self, draft: Draft) -> None:
        """Give the item the amount that an earlier one has of each: "2kg each of ..."."""
        if draft.amount is None:
            draft.amount = self._each
            if self._each_heading:
                draft.start, self._each_heading = self._each_heading.start, None
        else:
            self._each = draft.amount if draft.is_each else None
            if draft.ends_each:
                completions.give_each(self._line, draft.amount)

    def _append_described(self, draft: Draft) -> bool:
        """Take "2 each of red and green peppers" as the two things that it means."""
        both = completions.split_described(draft, self._text)
        for self._current in both:
            self._append(self._current)
        return bool(both)

    def _add_amount(self, draft: Draft, amount: Amount, link: int, *, is_heading: bool) -> None:
        current = self._current
        if self._waiting and link in _LISTING:
            self._add_up(self._waiting, draft)
        if (draft.is_each or draft.ends_each) and is_heading:  # "2 each: onions, peppers"
            self._settle()
            self._end_each()
            self._each, self._each_heading = amount, draft
        elif current and draft.ends_each and link != Link.LINE:
            completions.give_each(self._line, amount)
            self._complete(current, draft, draft.notes)
        elif current and completions.complete_amount(current, draft, link, self._written(draft)):
            self._complete(current, draft, ())
        else:
            self._settle()
            self._waiting, self._current = draft, None

    def _complete(self, item: Draft, draft: Draft, notes: Iterable[str]) -> None:
        item.notes.extend(notes)
        item.price = item.price or draft.price
        item.end = max(item.end, draft.end)
        self._heading = None

    def _reject(self, draft: Draft) -> None:
        self._settle()
        self._append(draft)
        self._current = None

    def _settle(self) -> None:
        """Decide on what the next draft might have completed, and did not."""
        heading, waiting = self._heading, self._waiting
        self._heading = self._waiting = None
        if heading and self.items and self.items[-1] is heading:
            self.items.pop()
            if self.items and is_joined(self.items[-1], heading, self._text):
                heading.start = self.items.pop().start  # "fruit & veg:"
            self._titles.append(heading)
            self.rejected.append((heading.start, heading.end))
        if waiting and waiting.amount:
            waiting.read_unit_as_name()
            self._append(waiting)

    def _append(self, draft: Draft) -> None:
        if len(self.items) + len(self.rejected) >= MAX_LINES:
            self.overflow = draft.start if self.overflow is None else self.overflow
        elif draft.reason and not draft.name:
            for item in taken_back(self.items, draft):
                self._drop(item, draft.reason)
            self.set_aside.append(SetAside(draft.reason, (draft.start, draft.end)))
        elif draft.name:
            for item in mentioned(self.items, draft, self._text):
                self._drop(item, Reason.TALK)
            self.items.append(draft)
            self._line.append(draft)
        else:
            self.rejected.append((draft.start, draft.end))

    def leave_out(self, known: Collection[tuple[str, ...]], *, has_asides: bool) -> None:
        """Set aside sums of other items, and what names nothing, unless it is said alone.

        ``known`` are a catalog's names; ``has_asides`` where something else was set aside.
        """
        for total in broken_down(self.items, self._text):
            self._drop(total, Reason.TALK)
        self.set_aside += lending(self._titles, self.items, self._text)
        for item in [item for item in self.items if item.names_nothing(known)]:
            if len(self.items) + has_asides > 1:
                self._drop(item, Reason.TALK)

    def _written(self, draft: Draft) -> str:
        return " ".join(self._text[draft.start : draft.end].split())
