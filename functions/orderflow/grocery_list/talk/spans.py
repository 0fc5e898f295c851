"""Sets aside what is said around items: greetings, commands, addresses, totals, thanks.

Sentences end at line ends, full stops and the like; commas, colons and dashes divide them into
clauses. A clause that says something about people is talk; of one that asks for things ("when you
come back buy suya"), what comes before them is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from orderflow.grocery_list.quantities.marks import outside_brackets
from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.set_aside import Reason, SetAside
from orderflow.grocery_list.talk.fragments import Fragments
from orderflow.grocery_list.talk.matters import (
    address_follows,
    ends_address,
    is_field,
    is_figure,
    is_money_matter,
    is_signature,
    is_title,
    signs_off,
)
from orderflow.grocery_list.talk.mentions import (
    SUBSTITUTING,
    Mention,
    bare_amount,
    fallback,
    mention,
    not_asked,
    removed,
)
from orderflow.grocery_list.talk.needs import Needs
from orderflow.grocery_list.talk.predicates import enough
from orderflow.grocery_list.talk.requests import (
    SAYING,
    put_aside,
    requested,
    take_back,
    take_back_last,
)
from orderflow.grocery_list.talk.sentences import (
    CLAUSE_ENDS,
    SENTENCE_ENDS,
    begins_anew,
    clauses,
    is_sentence,
    names_thing,
    opens_alternative,
)
from orderflow.grocery_list.talk.statements import (
    WILLING,
    buys_instead,
    depends,
    has_then_needs,
    is_having,
    lacking,
    listed_until,
    lists_no_order,
    things_in,
)
from orderflow.grocery_list.words.courtesy import without_courtesy
from orderflow.grocery_list.words.nothing import UNNEEDED
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.talk_words import (
    GOT_ALREADY,
    NEGATIONS,
    TALK_WORDS,
)

_RELATIVE: Final = words_in("who which whose where that")
_ANSWERED: Final = frozenset({"if yes", "if so", "yes", "if it is", "if they do"})
_WILLING: Final = WILLING | {"take", "carry"}
_ENDS_ON_LINE: Final = CLAUSE_ENDS - {Kind.NEWLINE}
_BEFORE_SUMS: Final = frozenset({Kind.COLON, Kind.DASH})


def without_talk(
    tokens: list[Token], words: Collection[str], known: Collection[tuple[str, ...]] = ()
) -> tuple[list[Token], list[SetAside]]:
    """The tokens that may be items, and what was set aside, in the list's order.

    Args:
        tokens: those of the list.
        words: how the vocabularies spell these.
        known: names of a catalog, by their words.
    """
    if TALK_WORDS.isdisjoint(words):
        return tokens, []
    reader = _Reader(list(clauses(tokens)), known)
    return reader.read()


class _Reader:
    """Collects what may be items, and what is said around them, clause by clause."""

    def __init__(
        self,
        parts: Sequence[tuple[list[Token], Token | None]],
        known: Collection[tuple[str, ...]],
    ) -> None:
        self._parts = parts
        self._fragments = Fragments(parts, known)
        self._place = 0  # of the clause that is read
        self._there_until = 0  # the place of the first clause that does not list what there is
        self._at_home = False  # what is listed up to the line's end: "already got:"
        self._kept: list[Token] = []
        self._aside: list[SetAside] = []
        self._needs = Needs()
        self._mentioned: Mention | None = None
        self._signed_off = self._in_address = self._is_sum = False
        self._states = False  # what there is or lacks, up to the sentence's end
        self._is_sentence = False  # and no list of things
        self._has_asked = False  # for anything so far
        self._asks = False  # for anything in this sentence
        self._talks = False  # in the clause before
        self._answers = False  # "if so" came before, in this sentence
        self._buys = False  # something else than what it lacks
        self._is_alternative = False  # "if not," came before, in this sentence
        self._is_fallback = False  # "if no yam," came before, of which this clause is bought

    def read(self) -> tuple[list[Token], list[SetAside]]:
        """What may be items, and what was set aside."""
        for place, (clause, separator) in enumerate(self._parts):
            self._place = place
            self._take(clause, separator)
        self._end_sentence()
        kept, aside = self._needs.without_superseded(self._kept)
        return kept, self._aside + aside

    def _take(self, clause: list[Token], separator: Token | None) -> None:
        """Read the next clause, and what ends it."""
        goes_on = self._in_address and not ends_address(clause, separator)
        begins_field = is_field(clause, separator) and not names_thing(self._following())
        if goes_on or address_follows(clause) or begins_field:
            self._in_address = separator is not None and separator.kind != Kind.NEWLINE
            put_aside(self._aside, Reason.ADDRESS, clause)
        elif self._is_sum and is_figure(clause):
            put_aside(self._aside, Reason.MONEY, clause)
        elif (
            self._signed_off and is_signature(outside_brackets(clause)) and not is_title(separator)
        ):
            self._signed_off = self._has_asked  # who signs may have a title, on further lines
            put_aside(self._aside, Reason.TALK, clause)
        elif self._at_home or (is_title(separator) and lists_no_order(clause)):
            self._at_home = True
            put_aside(self._aside, Reason.REFUSED, clause)
        else:
            self._in_address = False
            self._signed_off = signs_off(clause) or (self._signed_off and not clause)
            if clause:
                self._read(clause)
        if separator:
            self._end(clause, separator)

    def _end_sentence(self) -> None:
        self._needs.end_sentence(asks_for_others=self._buys)
        self._asks = self._answers = self._is_alternative = self._is_fallback = False
        self._states = self._is_sentence = self._buys = self._talks = self._at_home = False

    def _end(self, clause: Sequence[Token], separator: Token) -> None:
        if separator.kind == Kind.NEWLINE:
            self._mentioned = None
        if separator.kind in SENTENCE_ENDS:
            self._is_alternative = False
            if separator.text != ";":
                self._end_sentence()
        self._is_sum = separator.kind in _BEFORE_SUMS and bool(clause) and is_money_matter(clause)
        self._kept.append(separator)

    def _read(self, clause: list[Token]) -> None:
        """Keep what of the clause may be an item."""
        lack = lacking(clause, goes_on=self._states) if len(clause) > 1 else None
        said = " ".join([token.lower for token in clause])
        answers = bool(self._kept) and (
            self._kept[-1].kind in {Kind.DASH, Kind.COLON} or self._kept[-1].text == "?"
        )
        if self._kept and (said in GOT_ALREADY or (answers and said in UNNEEDED)):
            take_back_last(self._kept, clause, self._aside)
            return
        if taken := removed(clause):
            self._kept += taken
            return
        if self._takes_fallback(clause, said):
            return
        self._is_alternative = self._is_alternative or opens_alternative(clause)
        if self._is_alternative or (self._talks and clause[0].lower in _RELATIVE):
            self._set_aside(clause)  # "my mother, who is 88"
        elif lack:
            self._take_lack(clause, *lack)
        elif (
            self._place < self._there_until
            or is_having(clause)
            or has_then_needs(self._parts, self._place)
        ):
            self._states = True
            self._there_until = max(self._there_until, listed_until(self._parts, self._place))
            if not take_back(self._kept, clause, self._aside):
                self._set_aside(clause)
        elif depends(clause, self._following(), is_of_mentioned=self._mentioned is not None):
            self._set_aside(clause)
        else:
            self._take_request(clause, said)

    def _takes_fallback(self, clause: list[Token], said: str) -> bool:
        """Whether this says what is bought for want of a thing, which is bought itself."""
        if self._is_fallback:
            self._is_fallback = False
            put_aside(self._aside, Reason.TALK, clause)
            return True
        separator = self._parts[self._place][1]
        following = self._following() if separator and separator.kind not in SENTENCE_ENDS else ()
        end = fallback(clause, following) or len(clause) * (self._asks and said in SUBSTITUTING)
        thing = not_asked(clause[:end], self._kept) if end else []
        if not end or not (thing or self._has_asked):
            return False
        self._is_fallback = end == len(clause)
        begin = clause.index(thing[0]) if thing else len(clause)
        put_aside(self._aside, Reason.TALK, clause[:begin])
        put_aside(self._aside, Reason.TALK, clause[begin + len(thing) :])
        if thing:
            self._needs.add(thing, len(self._kept), lacks=True)
            self._kept += thing
        return True

    def _following(self) -> Sequence[Token]:
        return self._parts[self._place + 1][0] if self._place + 1 < len(self._parts) else ()

    def _set_aside(self, clause: list[Token]) -> None:
        put_aside(self._aside, Reason.TALK, clause)
        self._mentioned = mention(clause, self._aside) or self._mentioned
        self._talks = True

    def _take_request(self, clause: list[Token], said: str) -> None:
        if amount := enough(clause):
            amount = self._amount_of_last([clause[0]], amount)
            put_aside(self._aside, Reason.TALK, clause if not amount else clause[1:])
            self._ask(clause, amount)
            return
        if said in _ANSWERED:
            self._answers = True
            put_aside(self._aside, Reason.TALK, clause)
            return
        asked = requested(clause, self._aside)
        if asked is clause and self._fragments.holds(
            self._place, asks=self._asks, talks=self._talks
        ):
            self._set_aside(clause)
            return
        kept, first = self._kept, clause[0].lower
        if kept and kept[-1].kind == Kind.STOP and begins_anew(clause, asked):
            kept[-1] = kept[-1]._replace(kind=Kind.BREAK)  # "2kg. Add salt" abbreviates nothing
        self._talks = not asked
        if not asked:
            self._mentioned = mention(clause, self._aside) or self._mentioned
        elif self._mentioned and without_courtesy(asked):
            is_command = self._answers or asked[0] is not clause[0] or first in _WILLING
            asked = self._mentioned.with_amount(asked, kept, self._aside, is_command=is_command)
            self._mentioned = None
        elif amount := self._amount_of_last(clause, asked):
            asked = amount
        else:
            self._buys = self._buys or buys_instead(clause)
        self._ask(clause, asked)

    def _amount_of_last(self, clause: Sequence[Token], asked: list[Token]) -> list[Token]:
        """The amount, where no more is asked for than so much of the thing before: "Buy 2"."""
        end = len(self._kept)
        while end and self._kept[end - 1].kind in _ENDS_ON_LINE:
            end -= 1
        if end == len(self._kept) or not (self._needs.ends_at(end) or clause[0].lower == "so"):
            return []
        amount = bare_amount(asked, is_command=asked[0] is not clause[0])
        if amount:
            self._kept[end:] = [self._kept[end]._replace(kind=Kind.COMMA)]
        return amount

    def _ask(self, clause: Sequence[Token], asked: list[Token]) -> None:
        if asked and asked[0].lower not in NEGATIONS:
            self._needs.supersede(asked)
        self._is_sentence = self._is_sentence or is_sentence(clause)
        if self._is_sentence:
            self._needs.add(asked, len(self._kept))
        self._has_asked = self._has_asked or bool(asked)
        self._asks = self._asks or bool(asked)
        self._kept += asked

    def _take_lack(self, clause: list[Token], begin: int, end: int) -> None:
        """Keep the things that the clause says are lacking."""
        self._states = True
        put_aside(self._aside, Reason.TALK, clause[:begin])
        put_aside(self._aside, Reason.TALK, clause[end:])
        for thing in things_in(clause[begin:end]):
            if self._kept and self._kept[-1].kind in SAYING:
                self._kept.append(thing[0]._replace(kind=Kind.COMMA, end=thing[0].start))
            self._needs.add(thing, len(self._kept), lacks=True)
            self._kept += thing
