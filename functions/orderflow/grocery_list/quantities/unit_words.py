"""Reads units, also where a letter is wrong: "tinz", "5kgg", "pakc"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from orderflow.grocery_list.quantities.lengths import behind_lengths
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at, written
from orderflow.grocery_list.words.goods import GOODS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import SIZES
from orderflow.units import UNIT_SPELLINGS

_BEHIND_UNITS: Final = frozenset({Kind.WORD, Kind.NEWLINE})
_MOST_SIZES: Final = 2
# Units of what grows or is cut; "advanced hand sanitizer" has none.
_NATURAL: Final = words_in("bunch clove ear fillet piece slice sprig stalk")
_SHORTEST_DONE: Final = 5  # letters of a participle
# A word of as many letters may have a wrong one where an "of" behind it says that it is a unit ...
_SHORTEST_BEFORE_OF: Final = 4
# ... and elsewhere, if it has more.
_SHORTEST_MISSPELT: Final = 5
# They are one letter from a unit, and none.
_REAL_WORDS: Final = words_in("""
    able bael bases bake bakes base bark bear bears beer bell bells black boil bone bones boss boys
    bowel brunch brunches bulk cafe cage cape carb carbon cars chard close cord crest create
    curd cute dish dishes drip earl eats file filet flow garam germs gems glam grab gran grass
    gray gums handy hang hard hemp help helps kill leaf leave leaves lever lids liner liners
    lips lite load loads love loves pace pans park pass paris pegs pick piles pine pink pinks pocket
    pockets post posts potion punch punk pucks quark sheen sheep sheer slaw slicer sock socket
    socks spice spring springs stale sticky strap stripes swabs tease thins tiny tint tops trap
    unity baskin boule craze bagel table tables tunes tube tubby bunny crack crane cakes cases
    cards hands lots heart hearts knots liter palm past paste pasta pint pitta point posh purse sage
    sauce shell shelf slide spray spread steak stock stone straw sugar tail tart trail trout
    truck twist wafer wrapper clover packer pouches
""")
_LONGEST_UNIT: Final = max(map(len, UNIT_SPELLINGS))
_CAPITAL_T: Final = frozenset({"T", "-T"})


class Unit(NamedTuple):
    """A unit's canonical name, the token behind it, and how it and sizes before it are written."""

    name: str
    end: int
    word: str
    sizes: tuple[str, ...]


def read_unit(tokens: Sequence[Token], start: int) -> Unit | None:
    """The unit that begins at ``start``, with at most two sizes before it ("large cans")."""
    if start >= len(tokens):
        return None
    token, end = tokens[start], start
    sizes: tuple[str, ...] = ()
    if token.lower not in UNIT_SPELLINGS and _may_be_size(token):
        end, sizes = _sizes(tokens, start)
        token = token_at(tokens, end)
    # Cooks write "T" for a tablespoon and "t" for a teaspoon.
    name = "tablespoon" if token.text in _CAPITAL_T else UNIT_SPELLINGS.get(token.lower)
    if name is None and token.kind == Kind.WORD and token.lower not in GOODS:
        following = token_at(tokens, end + 1)
        if following.kind in _BEHIND_UNITS:
            name = misspelt_unit(token.lower, before_of=following.lower == "of")
    if name is None:
        return None
    word = token.text[1:] if token.text[0] == "-" else token.text
    return Unit(name, end + 1, word, sizes)


def _may_be_size(token: Token) -> bool:
    """Whether the word is a size, a participle or begins with a number, as most are not."""
    word = token.lower
    return word in SIZES or word.endswith(("ed", "-size")) or token.text[:1].isnumeric()


def _sizes(tokens: Sequence[Token], start: int) -> tuple[int, tuple[str, ...]]:
    """The position behind sizes such as "large" and "5cm/2in", and these as written."""
    end = start
    sizes: tuple[str, ...] = ()
    while len(sizes) < _MOST_SIZES:
        token = token_at(tokens, end)
        after = end + (_is_size(token) or _is_done(tokens, end))
        if token.kind == Kind.WORD and token.text[0].isnumeric():
            after = max(after, behind_lengths(tokens, end))
        if after == end:
            break
        sizes += (written(tokens[end:after]),)
        end = after
    return end, sizes


def _is_done(tokens: Sequence[Token], position: int) -> bool:
    """Whether a participle before a unit stands there: the "minced" of "2 minced cloves garlic"."""
    word = token_at(tokens, position).lower
    is_short = len(word) < _SHORTEST_DONE or word[-3:] == "eed"  # "2 red finger chillies"
    if word[-2:] != "ed" or is_short:
        return False
    is_part = UNIT_SPELLINGS.get(token_at(tokens, position + 1).lower) in _NATURAL
    return is_part and token_at(tokens, position + 2).kind == Kind.WORD


def _is_size(token: Token) -> bool:
    """Whether a word such as "large", or "2-inch", stands there."""
    return (
        token.lower in SIZES
        or token.lower.endswith("-size")
        or (token.kind == Kind.WORD and token.text[0].isnumeric() and "-" in token.text)
    )


@lru_cache(maxsize=4096)
def misspelt_unit(word: str, *, before_of: bool) -> str | None:
    """The unit that the word is meant to be; None where it may be something else."""
    if (
        not word.isalpha()
        or len(word) > _LONGEST_UNIT
        or word.endswith("ed")
        or word in _REAL_WORDS
    ):
        return None
    for likely in (word[:-1] + "s" if word.endswith("z") else "", _undoubled(word)):
        if likely in UNIT_SPELLINGS:
            return UNIT_SPELLINGS[likely]
    swapped = {_swapped(word, place) for place in range(len(word) - 1)} & _SPELT_OUT
    shortest = _SHORTEST_BEFORE_OF if before_of else _SHORTEST_MISSPELT
    near = swapped or (_one_letter_off(word) if len(word) >= shortest else set())
    names = {UNIT_SPELLINGS[spelling] for spelling in near}
    return names.pop() if len(names) == 1 else None


def _undoubled(word: str) -> str:
    """ "kgg" is "kg": without the letter that ends the word twice."""
    return word[:-1] if word[-1:] == word[-2:-1] else ""


_SPELT_OUT: Final = frozenset(
    spelling
    for spelling in UNIT_SPELLINGS
    if len(spelling) >= _SHORTEST_BEFORE_OF and spelling.isalpha()
)
_BY_INITIAL: Final = {
    initial: tuple(spelling for spelling in _SPELT_OUT if spelling[0] == initial)
    for initial in {spelling[0] for spelling in _SPELT_OUT}
}


def _swapped(word: str, place: int) -> str:
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _one_letter_off(word: str) -> set[str]:
    """The units with the same initial that one letter more, less or other makes of the word."""
    return {spelling for spelling in _BY_INITIAL.get(word[0], ()) if _is_near(word, spelling)}


def _is_near(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    place = next((at for at, letter in enumerate(shorter) if letter != longer[at]), len(shorter))
    if len(shorter) == len(longer):
        return shorter[place + 1 :] == longer[place + 1 :]
    return shorter[place:] == longer[place + 1 :]
