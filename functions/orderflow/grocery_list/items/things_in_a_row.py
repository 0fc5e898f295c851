"""Divides names that follow each other without anything between them: "milk bread eggs".

Words tell them apart: each is the name of a thing, by itself or with its neighbours ("palm oil").
A phrase with a word that is none stays whole, and so do two names that may be one thing ("butter
chicken").
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from orderflow.grocery_list.quantities.closing_amounts import is_counting
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS, LONGEST_COMPOUND
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import DESCRIPTIONS, NUMBER_WORDS
from orderflow.units import UNIT_SPELLINGS

_FEWEST: Final = 2
# So many names in a row are several things; of fewer, the first has to be a plural.
_SURELY_SEVERAL: Final = 3
# Brands that are no things by themselves, where a thing stands behind them: "titus sardine".
_BRANDS: Final = words_in(
    "golden titus dano lipton hollandia knorr viju chivita peak cowbell kings"
)
# They measure what stands behind them, and are things among themselves: "3 glasses milk".
_VESSELS: Final = words_in("spoon spoons fork forks plate plates glass glasses mug mugs cup cups")
# What stands behind them is no thing of its own: "peppers packed in oil".
_WITHIN: Final = frozenset({"in", "or"})
_FEW_STRANGE: Final = 3  # one word of so many
#: They make one thing of what stands before them: "tomato basil soup".
HEADS: Final = words_in("""
    wing wings thigh thighs drumstick drumsticks laps lap breast breasts mince chops leg legs liver
    gizzard neck necks steak steaks joint feet heads ribs rib powder paste puree seeds leaves
    flakes cubes cube slices rings fingers balls bags spread wipes paper towel towels foil film
    tablets liquid gel soup sauce salad pie cake juice curry stew sandwich burger burgers pizza
    relish chutney vinaigrette marinade syrup frosting topping glaze extract essence
    seasoning crisps chips biscuits biscuit cookies flavour flavor dip dressing fillet fillets
    granules pod pods stick sticks sorbet refill polish remover cleaner freshener spray pudding
    puddings mix dough crumbs shells kernels wedges nuggets strips tenders patties links cutlets
    florets hearts tips bites squares twists puffs rounds goujons
""")
# No flavours of what follows: "sugar biscuits" are two things.
_NO_FLAVOURS: Final = words_in("sugar tea salt bread flour oil")
#: Brands that name a flavour behind them: "indomie onion chicken".
FLAVOURED_BRANDS: Final = words_in(
    "indomie pringles lays walkers doritos knorr ribena hollandia viju"
)


def name_starts(
    tokens: Sequence[Token],
    known: Collection[tuple[str, ...]],
    *,
    and_follows: bool,
    are_many: bool = False,
    is_counted: bool = False,
) -> list[int]:
    """Where each name begins; [0] where the tokens are one name.

    Args:
        tokens: what may be one name or several.
        known: names of a catalog, by their words.
        and_follows: an "and" and another name come next ("milk eggs and bread").
        are_many: they stand in a list of many things without separators.
        is_counted: an amount stands before them: two words may be one thing ("a loaf of wheat
            bread").
    """
    words = tuple(token.lower for token in tokens)
    if len(words) < _FEWEST or words in known or _is_one(words):
        return [0]
    if any(token.kind != Kind.WORD for token in tokens):
        return [0]
    starts, strange = _starts(words, known)
    if strange and not (are_many or _are_surely_many(words, starts, strange)):
        return [0]
    if (
        is_counted
        and len(words) == _FEWEST
        and (not words[0].endswith("s") or (words[0] in _VESSELS and words[1] not in _VESSELS))
    ):
        return [0]  # "wheat bread", "spoons sugar"
    things = [
        start
        for start, end in pairwise([*starts, len(words)])
        if not start or _WITHIN.isdisjoint(words[start:end])
    ]
    if len(things) < _FEWEST or not _are_several(words, things, surely=and_follows or are_many):
        return [0]
    return starts


def _is_one(words: tuple[str, ...]) -> bool:
    """Whether the words name one thing, in either order: "cherry tomatoes", "tomatoes cherry"."""
    return words in COMPOUND_GOODS or words[::-1] in COMPOUND_GOODS


def _are_surely_many(words: tuple[str, ...], starts: Sequence[int], strange: int) -> bool:
    """Whether there are names enough to take the words that are none for parts of others."""
    if _FEW_STRANGE * strange > len(words):
        return False
    return len(starts) > _SURELY_SEVERAL or (
        len(starts) == _SURELY_SEVERAL and 2 * len(starts) <= len(words)
    )


def _starts(words: tuple[str, ...], known: Collection[tuple[str, ...]]) -> tuple[list[int], int]:
    """Where the names begin that the words can be divided into, and how many words are strange.

    Strange words go with the name behind them, as a brand does ("fairy liquid"); behind the last
    name they go with that, unless they are several things.
    """
    starts: list[int] = []
    strange = position = 0
    while position < len(words):
        start = position
        while position < len(words) and words[position] in DESCRIPTIONS:
            position += 1
        length = _longest_name(words, position, known)
        unknown = 0
        while not length and position + unknown < len(words):
            unknown += 1
            length = _name_or_head(words, position + unknown, known)
        strange += unknown
        if length or not starts or _is_plural(words[-1]):
            starts.append(start)
        position += unknown + length
        while position < len(words) and _goes_on(words, position):
            position += 1
        position += _label_length(words, position)
    return starts, strange


def _is_plural(word: str) -> bool:
    return word.endswith("s") and not word.endswith("ss")


def _name_or_head(words: tuple[str, ...], position: int, known: Collection[tuple[str, ...]]) -> int:
    """The words that make a name with a strange one before them: "chia seeds", "heinz beans"."""
    is_head = position < len(words) and words[position] in HEADS
    return _longest_name(words, position, known) or int(is_head)


def _label_length(words: tuple[str, ...], position: int) -> int:
    """2 for the "size three" behind nappies, else 0."""
    return 2 * (words[position : position + 1] == ("size",) and position + 1 < len(words))


def _goes_on(words: tuple[str, ...], position: int) -> bool:
    """Whether the word makes one thing of the word before it: "turkey wings", "tomato soup"."""
    before = words[position - 1]
    following = words[position : position + 2]
    if following == ("curry", "thyme") or following in COMPOUND_GOODS:  # "dish soap paper towels"
        return False
    if before in _BRANDS:
        return words[position] in GOODS
    if before in _NO_FLAVOURS:
        return False
    return words[position] in HEADS and before not in HEADS and not before.endswith("s")


def _longest_name(words: tuple[str, ...], position: int, known: Collection[tuple[str, ...]]) -> int:
    for length in range(min(LONGEST_COMPOUND, len(words) - position), 1, -1):
        phrase = words[position : position + length]
        if phrase in COMPOUND_GOODS or phrase in known:
            return length
    if position == len(words):
        return 0
    return int(words[position] in GOODS or (words[position],) in known)


def _are_several(words: tuple[str, ...], starts: Sequence[int], *, surely: bool) -> bool:
    if words[0] in FLAVOURED_BRANDS and len(starts) <= _SURELY_SEVERAL:
        return False
    if len(starts) > _SURELY_SEVERAL:
        return True
    if len(starts) == _SURELY_SEVERAL or surely:
        return True
    last_of_first = words[starts[1] - 1]
    is_plural = last_of_first.endswith("s") and last_of_first not in HEADS
    return is_plural and not GOODS.isdisjoint((last_of_first[:-1], last_of_first[:-2]))


def are_two(names: Sequence[Token], counted: Sequence[Token]) -> bool:
    """Whether a number of things follows another thing: "coconut milk two limes"."""
    words = tuple(token.lower for token in names)
    following = token_at(counted, 1).lower
    if counted[0].lower in {"1", "one"} or following[-1:] != "s" or following in UNIT_SPELLINGS:
        return False
    is_name = words in COMPOUND_GOODS or (len(words) == 1 and words[0] in GOODS)
    return is_name and following not in HEADS


def counts_goods(tokens: Sequence[Token], position: int) -> bool:
    """Whether a number of things stands there: the "2" of "shampoo 2 soap"."""
    token = tokens[position]
    if token.kind != Kind.NUMBER and token.lower not in NUMBER_WORDS:
        return False
    if not is_counting(tokens, position):
        return False
    following = position + 1
    if token_at(tokens, following).lower in UNIT_SPELLINGS:
        following += 1
        while token_at(tokens, following).lower in DESCRIPTIONS:  # "2 loaves white bread"
            following += 1
    return token_at(tokens, following).lower in GOODS
