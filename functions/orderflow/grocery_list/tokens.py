# ruff: noqa: RUF001 - typographic variants of dashes, commas and brackets are this module's matter
"""Cuts a grocery list into tokens: numbers, words and separators, each with its place in the text.

One regular expression recognises the plain tokens from left to right, in linear time: no two of its
repetitions can share the same characters. What depends on neighbours ("2lbs" is a number and a
word, "7up" is a name) is settled while the tokens are collected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final, NamedTuple

from orderflow.grocery_list.vocabulary import FIXED_NAMES, NUMBERED_COMPOUNDS, TITLES, Phrases
from orderflow.units import UNIT_SPELLINGS


class Kind:
    """What a token is. No enumeration: looking up its members would take a tenth of all time."""

    NUMBER: Final = 1
    PACK_OF: Final = 2  # "6-pack"
    WORD: Final = 3
    MONEY: Final = 4
    AND: Final = 5
    TIMES: Final = 6
    COMMA: Final = 7
    COLON: Final = 8
    DASH: Final = 9
    DOT: Final = 10  # a full stop within a name: "Dr. Pepper"
    STOP: Final = 11  # a full stop before a space: it ends a sentence, or abbreviates a unit
    BREAK: Final = 12  # semicolons, bullets, check boxes and the like
    NEWLINE: Final = 13
    OPEN: Final = 14
    CLOSE: Final = 15
    EMOJI: Final = 16


class Token(NamedTuple):
    """A piece of the text, ``source[start:end]``; ``lower`` is how the vocabularies spell it."""

    kind: int
    text: str
    lower: str
    start: int
    end: int
    value: Decimal = Decimal(0)


_ZERO: Final = Decimal(0)
# Makes a token in half the time that calling the class takes; a long list is thousands of them.
_token: Final[Callable[[tuple[int, str, str, int, int, Decimal]], Token]] = partial(
    tuple.__new__, Token
)


def _vulgar_fractions(characters: str) -> dict[str, Decimal]:
    compatible = {character: unicodedata.normalize("NFKC", character) for character in characters}
    parts = {character: form.split("⁄") for character, form in compatible.items()}
    return {
        character: Decimal(above) / Decimal(below) for character, (above, below) in parts.items()
    }


_VULGAR: Final[Mapping[str, Decimal]] = _vulgar_fractions("¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞")
_LETTER: Final = rf"[^\W\d_{''.join(_VULGAR)}]"
# Most words and numbers are recognised by the first two patterns, without a look at all the others.
_SCANNER: Final = re.compile(
    rf"""[ ]*+(?:
      (?P<COMMON_WORD>   (?:[b-eg-pr-su-wyzB-EG-PR-SU-WYZ][a-zA-Z]*+|a(?:nd)?)(?=[ ,;:)\n]|\Z) )
    | (?P<COMMON_NUMBER> \d++(?=[ ][a-zA-Z]|[a-jl-wyzA-JL-WYZ)\n-]|,[ ]|\Z) )
    | (?P<COMMA>   [,|،、，…] | \.\.+ )
    | (?P<NEWLINE> [\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+ )
    | (?P<OPEN>    [({{（] | \[(?![ xX✓✔]?\]) )
    | (?P<CLOSE>   [)\]}}）] )
    | (?P<COLON>   [:=：] )
    | (?P<DASH>    [-‐‑‒–—―−>~]+ )
    | (?P<MONEY>   (?:@[ ]?)?[₦$€£][ ]?\d(?:[.,]?\d)*(?:[kK]\b)? | @[ ]?\d(?:[.,]?\d)*(?:[kK]\b)?
                 | [nN\#]\d(?:,?\d){{2,}} | [nN]\d{{1,3}}[kK]\b | \d{{1,3}}[kK](?=[ ]worth\b) )
    | (?P<TIMES>   [×✕✖] | \*(?=[ ]?\d) | [xX](?!['’-]?{_LETTER})
                 | (?<=\d)[xX](?={_LETTER}{{3}})
                 | (?i:qty|qnty|quantity)\b[.]?[ ]?[:=]?(?=[ ]?\d) )
    | (?P<AND>     [&+] | (?i:as[ ]well[ ]as|along[ ]with|together[ ]with)\b )
    | (?P<WORD>    (?i:fl)\.?[ ]?(?i:oz)\b
                 | {_LETTER}&{_LETTER}{{1,2}}\b(?:['’]s)?
                 | {_LETTER}(?:[\w\u0300-\u036f\u0900-\u0fff]|['’/-](?={_LETTER}))*
                 | \d{{1,3}}(?:[.,]\d{{1,3}})?[ ]?% )
    | (?P<BREAK>   \[[ xX✓✔]?\] | \d\ufe0f?\u20e3
                 | [;!?*•·‣◦▪▫●○■□▶►◆★☆☐☑☒✓✔✅➤→。；]+ )
    | (?P<NUMBER>  \d+(?:[.,]\d+)*(?:[/⁄]\d+)?[{"".join(_VULGAR)}]? | \.\d+ | [{"".join(_VULGAR)}] )
    | (?P<STOP>    \.(?=\s|$) )
    | (?P<DOT>     \. )
    | (?P<EMOJI>   [\U0001f300-\U0001faff]+ )
    | (?s:.)  # white space or a stray mark
    )?""",
    re.VERBOSE,
)
_KINDS: Final[Sequence[int]] = [
    0,  # groups are counted from one
    *(getattr(Kind, name.removeprefix("COMMON_")) for name in _SCANNER.groupindex),
]

_GLUING: Final = frozenset({Kind.NUMBER, Kind.DASH})
_AND_WORDS: Final = {"and": "and", "n": "and", "nd": "and", "plus": "plus"}
_CURRENCIES: Final = frozenset({"naira", "ngn", "kobo", "dollars", "euros"})
_PACKS: Final = frozenset({"pack", "packs", "pk"})
_MERGED: Final = Phrases(FIXED_NAMES | {unit for unit in UNIT_SPELLINGS if " " in unit})

# Longer digit runs are bar codes and telephone numbers.
_MOST_DIGITS: Final = 6
# A word as short as this, glued to a number and no unit, makes a name of both: "7up", "2nd".
_SHORT_WORD: Final = 2

_COMMON_DENOMINATORS: Final = frozenset({2, 3, 4, 8})
_LARGEST_DENOMINATOR: Final = 16
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3}){2,})")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_GROUPING: Final = re.compile(r"[.,]")


def tokenize(text: str) -> list[Token]:
    """All tokens of the text, in order. White space and stray marks belong to none of them."""
    tokens: list[Token] = []
    before = ""
    merging = False
    for match in _SCANNER.finditer(text):
        group = match.lastindex
        if group is None:
            continue
        kind, source, end = _KINDS[group], match[group], match.end()
        start = end - len(source)
        if kind == Kind.WORD:
            lower = source.lower() if source.isascii() else _folded(source)
            token = _token((kind, source, lower, start, end, _ZERO))
            if (tokens and tokens[-1].kind in _GLUING) or token.lower in _AND_WORDS:
                token = _word(text, tokens, token)
        elif kind == Kind.NUMBER:
            token = _number(source, start, end)
        elif kind == Kind.STOP and before in TITLES:
            token = Token(Kind.DOT, source, source, start, end)
        else:
            lower = "and" if kind == Kind.AND else source
            token = _token((kind, source, lower, start, end, _ZERO))
        tokens.append(token)
        merging = merging or (before in _MERGED.first_words and token.lower in _MERGED.second_words)
        before = token.lower
    return _merge_phrases(text, tokens) if merging else tokens


def _folded(source: str) -> str:
    # NFKC: letters of double width, as Asian keyboards write them, are letters.
    return unicodedata.normalize("NFKC", source.lower()).replace("’", "'")


def written(tokens: Sequence[Token]) -> str:
    """The tokens as they were written, with single spaces where there was any gap."""
    parts: list[str] = []
    end = -1
    for token in tokens:
        if parts and token.start > end:
            parts.append(" ")
        parts.append(token.text)
        end = token.end
    return " ".join("".join(parts).split())


def _word(text: str, tokens: list[Token], word: Token) -> Token:
    """The word; or, where the tokens before it belong to it, all of them (taken off) as one."""
    if word.lower in _AND_WORDS:
        return word._replace(kind=Kind.AND, lower=_AND_WORDS[word.lower])
    if not tokens:
        return word
    previous = tokens[-1]
    if previous.kind == Kind.NUMBER:
        if word.lower in _CURRENCIES:
            return _joined(text, tokens.pop(), word, Kind.MONEY)
        if previous.end == word.start and _is_suffix(word):
            return _joined(text, tokens.pop(), word, Kind.WORD)
    elif previous.kind == Kind.DASH and previous.end == word.start and len(tokens) > 1:
        return _hyphenated(text, tokens, word)
    return word


def _is_suffix(word: Token) -> bool:
    return len(word.lower) <= _SHORT_WORD and word.lower not in UNIT_SPELLINGS


def _hyphenated(text: str, tokens: list[Token], word: Token) -> Token:
    """Settles a number, a hyphen and a word: "6-pack", "14-ounce", "12-inch"."""
    number, hyphen = tokens[-2:]
    if number.kind != Kind.NUMBER or number.end != hyphen.start:
        return word
    if word.lower in _PACKS:
        del tokens[-2:]
        return _joined(text, number, word, Kind.PACK_OF)
    if word.lower in UNIT_SPELLINGS:
        del tokens[-1]
    elif word.lower.split("-", 1)[0] in NUMBERED_COMPOUNDS:
        del tokens[-2:]
        return _joined(text, number, word, Kind.WORD)
    return word


def _joined(text: str, first: Token, last: Token, kind: int) -> Token:
    source = text[first.start : last.end]
    return Token(kind, source, _folded(source), first.start, last.end, first.value)


def _number(source: str, start: int, end: int) -> Token:
    """The token with its value; a word where its digits are no quantity ("00", "80/20")."""
    value = _value(source)
    if not value:
        return Token(Kind.WORD, source, source, start, end)
    return _token((Kind.NUMBER, source, source, start, end, value))


@lru_cache(maxsize=1024)
def _value(digits: str) -> Decimal | None:
    """What a number of the scanner's means, or None where it can't be a quantity."""
    if "/" in digits or "⁄" in digits:
        return _fraction(digits)
    if digits[-1] not in _VULGAR:
        return _plain(digits)
    whole = _plain(digits[:-1]) if len(digits) > 1 else Decimal(0)
    return None if whole is None else whole + _VULGAR[digits[-1]]


def _fraction(digits: str) -> Decimal | None:
    """The value of "3/4". Unusual ones are names: "80/20" mince, "31/40" prawns."""
    above, _, below = digits.replace("⁄", "/").partition("/")
    if not (above.isdecimal() and below.isdecimal() and len(above) + len(below) <= _MOST_DIGITS):
        return None
    numerator, denominator = int(above), int(below)
    if denominator in _COMMON_DENOMINATORS or numerator < denominator <= _LARGEST_DENOMINATOR:
        return Decimal(numerator) / denominator
    return None


def _plain(digits: str) -> Decimal | None:
    """The value of digits with or without separators for decimals and thousands.

    A comma before exactly three digits separates thousands ("1,000 g"); a point does not ("1.500
    kg" is what scales print), unless there are several.
    """
    whole, decimals = digits, ""
    if _THOUSANDS.fullmatch(digits):
        whole = _GROUPING.sub("", digits)
    elif not digits.isdecimal():
        point = max(digits.rfind(","), digits.rfind("."))
        whole, mark, decimals = digits[:point], digits[point], digits[point + 1 :]
        if mark not in whole and _GROUPED.fullmatch(whole):
            whole = _GROUPING.sub("", whole)
    if len(whole) > _MOST_DIGITS or (len(whole) > 1 and whole[0] == "0"):
        return None
    if not (whole or "0").isdecimal():
        return None
    return Decimal(f"{whole or 0}.{decimals[:_MOST_DIGITS]}")


def _merge_phrases(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens with each fixed name or unit of several words as a single word."""
    merged: list[Token] = []
    position = 0
    while position < len(tokens):
        first = tokens[position]
        length = _MERGED.match(tokens, position)
        if length:
            last = tokens[position + length - 1]
            phrase = _joined(text, first, last, Kind.WORD)
            merged.append(phrase._replace(lower=" ".join(phrase.lower.split())))
        else:
            merged.append(first)
        position += length or 1
    return merged
