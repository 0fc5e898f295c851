"""Tells words that name nothing to buy from things, where they stand among sentences.

"Trying again tonight.", "Side door please", "Sam: always". A list of things is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from orderflow.grocery_list.known_names import LONGEST_PLAIN
from orderflow.grocery_list.scanning.token_kinds import Kind, Token
from orderflow.grocery_list.talk.clauses import is_talk
from orderflow.grocery_list.talk.lead_ins import lead_in
from orderflow.grocery_list.talk.predicates import INVERTED, names_or_counts, tells
from orderflow.grocery_list.talk.sentences import SENTENCE_ENDS
from orderflow.grocery_list.words.nothing import DETERMINERS, EMPTY
from orderflow.grocery_list.words.talk_words import PRONOUNS

_LONGEST_NAME: Final = 3  # words, of a person
_FEWEST_TURNS: Final = 2

#: A clause, and what ends it.
Part = tuple[Sequence[Token], Token | None]


class Fragments:
    """What stands among the sentences of a message and names nothing.

    Args:
        parts: the message's clauses.
        known: names of a catalog, by their words.
    """

    def __init__(self, parts: Sequence[Part], known: Collection[tuple[str, ...]]) -> None:
        self._parts = parts
        self._known = known
        self._speakers = _speakers(parts)
        self._last = max([at for at, (clause, _) in enumerate(parts) if clause], default=0)
        self._line_until = 0  # the place of the first clause of the next line
        self._line_speaks = False

    def holds(self, place: int, *, asks: bool, talks: bool) -> bool:
        """Whether the clause there is such words; what follows a request goes on with it.

        Args:
            place: the clause's among the parts.
            asks: its sentence has asked for things.
            talks: the clause before it was talk.
        """
        clause, behind = self._parts[place]
        if self.is_speaker(place) or self._signs(place):
            return True
        if asks or not self._speaks(place) or self._names_or_counts(clause):
            return False
        before = self._parts[place - 1][1] if place else None
        is_first = before is None or before.kind in SENTENCE_ENDS or self.is_speaker(place - 1)
        if not (talks or is_first):
            return False
        if behind is None or behind.kind in SENTENCE_ENDS:
            return True
        following = self._parts[place + 1][0] if place + 1 < len(self._parts) else ()
        if not following or lead_in(list(following)):
            return False
        is_sentence = says_little(clause) or says_little(following)
        return is_talk(following) or (is_sentence and not self._names_or_counts(following))

    def is_speaker(self, place: int) -> bool:
        """Whether the clause names who speaks on this line of a chat: "Sam:"."""
        return bool(self._speakers) and _title(self._parts, place) in self._speakers

    def _signs(self, place: int) -> bool:
        """Whether the last line is a name: "Rob"."""
        clause = self._parts[place][0]
        is_last = place and place == self._last and _ends_line(self._parts[place - 1][1])
        if not is_last or len(clause) > _LONGEST_NAME or self._names_or_counts(clause):
            return False
        is_name = all(token.kind == Kind.WORD and token.text.istitle() for token in clause)
        return is_name and any(speaks(part) for part, _ in self._parts)

    def _names_or_counts(self, clause: Sequence[Token]) -> bool:
        return names_or_counts(clause) or _names_known(clause, self._known)

    def _speaks(self, place: int) -> bool:
        """Whether a sentence with a subject and a verb stands on the line."""
        if self._speakers:
            return True
        if place >= self._line_until:
            parts = self._parts
            first = end = place
            while first and not _ends_line(parts[first - 1][1]):
                first -= 1
            while end < len(parts) - 1 and not _ends_line(parts[end][1]):
                end += 1
            self._line_until = end + 1
            self._line_speaks = any(speaks(part) for part, _ in parts[first : end + 1])
        return self._line_speaks


def _speakers(parts: Sequence[Part]) -> frozenset[str]:
    """Who speaks by turns: names before colons at the beginning of several lines."""
    colons = [place for place, (_, behind) in enumerate(parts) if _is_colon(behind)]
    if len(colons) < _FEWEST_TURNS:
        return frozenset()
    turns = Counter(filter(None, (_title(parts, place) for place in colons)))
    return frozenset(who for who, times in turns.items() if times >= _FEWEST_TURNS)


def _title(parts: Sequence[Part], place: int) -> str:
    """The words before a colon at a line's beginning; "" elsewhere."""
    clause, separator = parts[place]
    if not _is_colon(separator) or len(clause) > _LONGEST_NAME:
        return ""
    is_first = place == 0 or _ends_line(parts[place - 1][1])
    return " ".join(token.lower for token in clause) if is_first else ""


def _is_colon(separator: Token | None) -> bool:
    return separator is not None and separator.kind == Kind.COLON


def _ends_line(separator: Token | None) -> bool:
    return separator is not None and separator.kind == Kind.NEWLINE


def speaks(clause: Sequence[Token]) -> bool:
    """Whether the clause is one of a sentence about people: "I tried it", "can you get"."""
    if not clause:
        return False
    first = clause[0].lower
    return first in PRONOUNS or first in INVERTED or tells(clause, 0)


def _names_known(clause: Sequence[Token], known: Collection[tuple[str, ...]]) -> bool:
    """Whether the clause holds one of these names, by their words."""
    words = tuple(token.lower for token in clause)
    return bool(known) and any(
        words[start:end] in known
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + LONGEST_PLAIN) + 1)
    )


def says_little(clause: Sequence[Token]) -> bool:
    """Whether words stand there that names do not have: "the dog barks", "side door please"."""
    return any(token.lower in EMPTY or token.lower in DETERMINERS for token in clause)
