"""Names as hurried shoppers type them: several wrong letters, any plural, several words cut.

Harder than the perturbations of :mod:`scripts.evaluation.cases.queries`, and made by other rules
than the matcher's own, so that what it does not expect comes up.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

_KEYBOARD: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS: Final[Mapping[str, str]] = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in _KEYBOARD
    for place, letter in enumerate(row)
}
_SHORTEST_MISSPELT: Final = 3
_SHORTEST_ABBREVIATED: Final = 4
_PREFIX_LENGTHS: Final = (3, 4, 5)
_FIRST_LETTER_SHARE: Final = 0.15

_Words = list[str]


def misspelt(name_words: _Words, rng: random.Random) -> _Words | None:
    """One or two wrong letters in one word, or one in each of two."""
    places = _places(name_words, _SHORTEST_MISSPELT)
    if not places:
        return None
    chosen = rng.choice([rng.sample(places, 1), rng.choices(places, k=2), rng.choices(places, k=2)])
    for place in chosen:
        name_words[place] = _with_wrong_letter(name_words[place], rng)
    return name_words


def pluralized(name_words: _Words, rng: random.Random) -> _Words | None:
    """One or two words in the plural instead of the singular, or the other way round."""
    places = _places(name_words, _SHORTEST_MISSPELT)
    for place in rng.sample(places, min(len(places), rng.choice((1, 1, 2)))):
        name_words[place] = _other_number(name_words[place], rng)
    return name_words if places else None


def abbreviated(name_words: _Words, rng: random.Random) -> _Words | None:
    """One or two words without their vowels ("pwdr", "chs"), or cut after a few letters."""
    places = _places(name_words, _SHORTEST_ABBREVIATED)
    if not places or len(name_words) == 1:
        return None
    for place in rng.sample(places, min(len(places), rng.choice((1, 2)))):
        name_words[place] = _cut(name_words[place], rng)
    return name_words


def _places(name_words: Sequence[str], shortest: int) -> list[int]:
    return [
        place for place, word in enumerate(name_words) if len(word) >= shortest and word.isalpha()
    ]


def _with_wrong_letter(word: str, rng: random.Random) -> str:
    at = rng.randrange(0 if rng.random() < _FIRST_LETTER_SHARE else 1, len(word))
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return rng.choice(
        (
            before + after,
            before + letter * 2 + after,
            before + rng.choice(_NEIGHBOURS.get(letter) or "x") + after,
            before + after[:1] + letter + after[1:],
        )
    )


#: Endings of the singular and of its plurals, the most special first.
_ENDINGS: Final = (
    (r"(?<=[^aeiou])y", ("ies",)),
    (r"f", ("fs", "ves")),
    (r"o", ("os", "oes")),
    (r"i", ("is", "ies")),
    (r"(?<=s|x|z)|(?<=ch|sh)", ("es",)),
    (r"", ("s",)),
)


def _other_number(word: str, rng: random.Random) -> str:
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return _singular(word)
    for singular, plurals in _ENDINGS:
        if found := re.search(f"(?:{singular})$", word):
            return word[: found.start()] + rng.choice(plurals)
    return word


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("oes", "xes", "shes", "sses", "zzes")):
        return word[:-2]
    return word[:-1]


def _cut(word: str, rng: random.Random) -> str:
    consonants = word[0] + re.sub("[aeiou]", "", word[1:])
    without_vowels = re.sub(r"(.)\1", r"\1", consonants)
    return rng.choice((without_vowels, word[: rng.choice(_PREFIX_LENGTHS)]))


#: The rules by the slice that they make.
HARD_PERTURBATIONS: Final[dict[str, Callable[[_Words, random.Random], _Words | None]]] = {
    "typo, hard": misspelt,
    "singular or plural, hard": pluralized,
    "abbreviation, hard": abbreviated,
}
