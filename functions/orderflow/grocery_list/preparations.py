"""Recognises what is said of a thing and is none: "peeled and cut into cubes", "skin on"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from orderflow.grocery_list.quantities.lengths import DIMENSIONS, is_glued_length
from orderflow.grocery_list.scanning.token_kinds import Kind, Token, token_at
from orderflow.grocery_list.words.goods import COMPOUND_GOODS, GOODS
from orderflow.grocery_list.words.phrases import words_in
from orderflow.grocery_list.words.vocabulary import DESCRIPTIONS, EXTRACTS

# Past participles that "-ed" does not give away.
_IRREGULAR: Final = words_in(
    "cut torn beaten frozen ground drawn split slit shaken broken left spun made kept tied stuck"
)
#: What was done with a part, where it ends what is said of it: "silk removed", "shells intact".
PART_ENDINGS: Final = words_in("""
    removed discarded reserved intact separated attached preferred trimmed follows scraped
""")
_TIMES: Final = words_in("minute minutes min mins hour hours day days times")
_TAKEN: Final = frozenset({"removed", "discarded", "reserved"})
_NO_PARTICIPLES: Final = words_in("linseed aniseed flaxseed seaweed seabed hundred")
_SHORTEST_PARTICIPLE: Final = 5
_NO_ADVERBS: Final = words_in("jelly belly family holly chilly trolly lily fly")
_SHORTEST_ADVERB: Final = 5
_LINKS: Final = words_in("""
    and or then but if & plus , very not too well nicely just half some all remaining
""")
# What a participle may be followed by without being a noun's attribute: "cut into cubes".
_AFTER_PARTICIPLE: Final = words_in("""
    into in on of to for with until using from off at against through by lengthwise lengthways
    crosswise crossways diagonally overnight well dry up out open apart thin thick fine small
    large as about over away together separately and or then if plus whole under before after
    according when ahead per down again half halfway leaving just fairly quite twice once prior only
    atop however inside across along widthways widthwise al crisp sunny chiffonade
""")
# What parts of a thing are done with, or left: "leaves only", "pits removed", "skin on".
_PARTS: Final = words_in("""
    leaf leaves stem stems stalk stalks skin skins shell shells bone bones pit pits seed seeds
    rind zest juice core cores end ends tops top root roots fat excess tail tails head heads
    membrane membranes husk husks flesh crust crusts frond fronds stone stones pith liquid
    brine syrup ribs rib peel peels pulp part parts white green fleshy tough woody outer inner
    sinew gills beards fibres strings yolk yolks whites
""")
_PART_WORDS: Final = words_in(
    "only on off out in intact attached whole separate separately apart the and any of or"
)
_SHARES: Final = words_in("cocoa cacao fat alcohol juice")
_LONGEST_PREPARATION: Final = 20  # tokens
_LATEST_PART: Final = 3  # words
_SHORTEST_PART_PHRASE: Final = 2
# A part that is worth a remark by itself, behind a comma.
_LONE_PARTS: Final = words_in("leaves stems stalks skin zest rind tops fronds")
_ON_OR_OFF: Final = frozenset({"on", "off"})
# What a seller does: behind the name it is asked for, and no kind of thing.
_BY_THE_SELLER: Final = words_in("gutted filleted deveined descaled scaled deboned cleaned trimmed")
_CALLED_PARTS: Final = words_in("part parts")
# "low-sodium", "gluten-free", "medium-sized"
_DESCRIBING: Final = ("-free", "-fat", "-sodium", "-sized", "-size", "-style", "-thin")
_STATES: Final = frozenset({"on", "off", "in"})


@lru_cache(maxsize=4096)
def is_participle(word: str) -> bool:
    """Whether the word says what was done with a thing: "hulled", "cut"."""
    if "-" in word:  # "well-beaten"
        word = word.rpartition("-")[2]
    if word in _IRREGULAR:
        return True
    if len(word) < _SHORTEST_PARTICIPLE or word in _NO_PARTICIPLES or word in GOODS:
        return False
    return word.endswith("ed") and not word.endswith("eed")


def is_adverb(word: str) -> bool:
    """Whether the word says how something was done: "finely"."""
    return (
        len(word) >= _SHORTEST_ADVERB
        and word.endswith("ly")
        and word not in _NO_ADVERBS
        and " " not in word
    )


@lru_cache(maxsize=4096)
def is_description(word: str) -> bool:
    """Whether the word describes a thing and is none."""
    if word in DESCRIPTIONS or is_participle(word) or is_adverb(word):
        return True
    if word.endswith(_DESCRIBING) or (word[-1:] == "%" and word[0].isnumeric()):
        return True
    part, hyphen, state = word.rpartition("-")
    return bool(hyphen) and state in _STATES and part in _PARTS  # "shell-on"


def says_share(tokens: Sequence[Token]) -> bool:
    """Whether a percentage says what a thing is made of: "70% cocoa solids", unlike "2% milk"."""
    if tokens[0].lower[-1:] != "%":
        return False
    return all(token.lower in _SHARES or token.lower not in GOODS for token in tokens)


def is_preparation(tokens: Sequence[Token]) -> bool:
    """Whether all of the tokens say how a thing is prepared, or which part of it is meant."""
    if len(tokens) == 1:
        return is_description(tokens[0].lower) or tokens[0].lower in _LONE_PARTS
    return _is_done(tokens) or _ends_done(tokens) or _is_of_parts(tokens) or _extracts(tokens)


def _extracts(tokens: Sequence[Token]) -> bool:
    """ "juice and finely grated zest": two extracts of the thing before, and nothing else."""
    words = [token.lower for token in tokens]
    extracts = [word for word in words if word in EXTRACTS]
    others = (word for word in words if word not in EXTRACTS and word not in _LINKS)
    return len(extracts) > 1 and all(map(is_description, others))


def _ends_done(tokens: Sequence[Token]) -> bool:
    """ "pin boned", "dry roasted": what was done with it comes last, and no thing before."""
    words = [token.lower for token in tokens]
    return len(words) > 1 and is_participle(words[-1]) and GOODS.isdisjoint(words)


def _is_done(tokens: Sequence[Token]) -> bool:
    """ "finely chopped", "peeled and cut into cubes"; not "chopped onions"."""
    done = False
    for place, token in enumerate(tokens):
        word = token.lower
        if is_participle(word):
            done = True
        elif done and (token.kind == Kind.NUMBER or word[0].isnumeric()):
            unit = token_at(tokens, place + 1).lower.lstrip("-")
            return unit in DIMENSIONS | _TIMES or is_glued_length(word)  # "sliced ½ inch thick"
        elif done and word in _AFTER_PARTICIPLE and word not in _LINKS | DESCRIPTIONS:
            return True
        elif not (word in _LINKS or is_description(word)):
            return False
    return done or any(is_description(token.lower) for token in tokens)


def _is_of_parts(tokens: Sequence[Token]) -> bool:
    """ "leaves only", "pits removed", "skin on", "leaves and stems"."""
    words = [token.lower for token in tokens]
    if _is_part_done(tokens, words):
        return True
    if len(words) < _SHORTEST_PART_PHRASE or not _PARTS.intersection(words):
        return False
    if not all(word in _PARTS or word in _PART_WORDS or is_description(word) for word in words):
        return False
    return words[-1] not in _PARTS or words[0] in _LONE_PARTS or words[-1] in _CALLED_PARTS


def _is_part_done(tokens: Sequence[Token], words: Sequence[str]) -> bool:
    """ "needles finely chopped", "seeds scraped out using a knife", "silver skin trimmed away"."""
    if len(words) > 1 and (words[-1] in PART_ENDINGS or words[1:] in (["on"], ["off"])):
        return True  # "silk removed", "feet on"
    if len(words) > 1 and words[1] in _TAKEN:  # "meat removed from its shell"
        return True
    if tuple(words[:2]) in COMPOUND_GOODS:  # "bitter leaf small"
        return False
    for place, word in enumerate(words[:_LATEST_PART]):
        if word in GOODS and word not in _PARTS:
            return False
        if place + 1 < len(words) and _is_part(word) and _is_done(tokens[place + 1 :]):
            return True
    return False


def _is_part(word: str) -> bool:
    return word in _PARTS or (word.endswith("s") and word not in GOODS and word.isalpha())


@lru_cache(maxsize=4096)
def _may_prepare(word: str) -> bool:
    """Whether a preparation may begin with the word."""
    return is_adverb(word) or is_participle(word) or word in _PARTS or word in _BY_THE_SELLER


def ends_with_preparation(tokens: Sequence[Token], start: int) -> bool:
    """Whether a preparation goes on from ``start`` to the end, without a comma before it.

    A lone participle may be part of a name: "mixed", "smoked".
    """
    first = tokens[start].lower
    if not _may_prepare(first) or len(tokens) - start > _LONGEST_PREPARATION:
        return False
    if is_adverb(first):
        return start + 1 < len(tokens) and _is_done(tokens[start:])
    if start + 1 == len(tokens) or tokens[start + 1].lower in _ON_OR_OFF:
        is_last = start + 1 == len(tokens)
        return first in _BY_THE_SELLER if is_last else first in _PARTS and start + 2 == len(tokens)
    if not is_participle(first) or start + 1 == len(tokens):
        return False
    following = tokens[start + 1].lower
    goes_on = following in _AFTER_PARTICIPLE or is_adverb(following)
    return goes_on and _is_done(tokens[start:])


def is_done_behind(tokens: Sequence[Token], position: int) -> bool:
    """Whether what was done with the item follows the semicolon there: "garlic; minced"."""
    following, behind = (token_at(tokens, position + ahead) for ahead in (1, 2))
    if is_adverb(following.lower):
        following, behind = behind, token_at(tokens, position + 3)
    return following.lower == "or" or (
        is_participle(following.lower) and behind.kind not in {Kind.WORD, Kind.NUMBER}
    )
