"""What a piece of a list says, before its neighbours are known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from orderflow.grocery_list.piece import Aside
from orderflow.grocery_list.quantities.amount import Amount, Size
from orderflow.grocery_list.quantities.prices import Price
from orderflow.grocery_list.scanning.token_kinds import Token
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.ordinary import names_nothing_to_buy
from orderflow.units import COUNTED_UNITS, UNIT_SPELLINGS


@dataclass(slots=True)
class Draft:
    """What a piece says. Without name, amount and notes it is not understood.

    Attributes:
        start: where in the list it begins.
        end: where it ends.
        name: the thing; "" where the piece names none.
        amount: how much of it; None where the piece does not say.
        notes: remarks, sizes and prices as written.
        size: what one pack holds.
        price: the sum of money that stands with it.
        is_each: the amount is one of each item that follows, too: "2kg each of beef and fish".
        ends_each: ... or of each before it: "rice and beans 5kg each".
        completes: it belongs to the item before it, whatever stands between: "if so, 2 pints".
        is_multiple: the amount is marked as a number of packs: "x 2", "Qty: 2".
        is_remark: nothing in it can be a thing.
        ends_in_remark: what it says last is said of the thing: "1 onion, sliced", "oil for frying".
        bracketed: the brackets that its amount stands in: "thighs (about 2 lb)".
        is_approximate: it may say an amount again: "about 3 medium".
        takes_back: the thing that it takes off the list, in small letters: "cancel the milk".
        reason: why it is no item; "" where it may be one.
    """

    start: int
    end: int
    name: str = ""
    amount: Amount | None = None
    notes: list[str] = field(default_factory=list)
    size: Size | None = None
    price: Price | None = None
    is_each: bool = False
    ends_each: bool = False
    completes: bool = False
    is_multiple: bool = False
    is_remark: bool = False
    ends_in_remark: bool = False
    bracketed: str = ""
    is_approximate: bool = False
    takes_back: str = ""
    reason: str = ""

    def take_amount(self, amount: Amount) -> None:
        """Take an amount with its notes and the size of its packs."""
        self.amount = amount
        self.size = self.size or amount.size
        self.notes.extend(amount.notes)

    def read_name_as_unit(self) -> None:
        """Take the name for the unit of ", basket 1" and "- 2 nos", unlike "plates 5, cups 5"."""
        unit = self.name.lower()
        if self.amount and not self.amount.unit and unit in UNIT_SPELLINGS and unit not in GOODS:
            self.amount = self.amount._replace(unit=UNIT_SPELLINGS[unit], unit_word=self.name)
            self.name = ""

    def read_unit_as_name(self) -> None:
        """Take the unit for the thing where nothing names it: "5 cloves", unlike "5 kg"."""
        if self.amount and self.amount.unit in COUNTED_UNITS:
            self.name, self.amount = self.amount.unit_word, self.amount._replace(unit="")

    def names_nothing(self, known: Collection[tuple[str, ...]]) -> bool:
        """Whether ordinary words name it, without a unit or a price: "drive safe".

        Args:
            known: names of a catalog, by their words.
        """
        if self.price or (self.amount and self.amount.unit):
            return False
        return tuple(self.name.lower().split()) not in known and names_nothing_to_buy(self.name)

    def said(self) -> str:
        """The name, or else the remarks."""
        return self.name or " ".join(self.notes)


def extent(tokens: Sequence[Token], asides: Sequence[Aside]) -> tuple[int, int]:
    """Where the tokens and the asides begin and end in the list."""
    if not asides:
        return tokens[0].start, tokens[-1].end
    places: tuple[Token | Aside, ...] = (*tokens[:1], *tokens[-1:], *asides[:1], *asides[-1:])
    return min(place.start for place in places), max(place.end for place in places)
