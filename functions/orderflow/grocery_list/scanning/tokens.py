# ruff: noqa: RUF001 - typographic variants of dashes, commas and brackets are this module's matter
"""Cuts a grocery list into tokens: numbers, words and separators, each with its place in the text.

One regular expression recognises the plain tokens from left to right, in linear time: no two of its
repetitions can share the same characters. What depends on neighbours ("2lbs" is a number and a
word, "7up" is a name) is settled while the tokens are collected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.scanning.joins import (
    AND_WORDS,
    GLUING,
    MERGED,
    join_number,
    join_word,
    joins_number,
    merge_phrases,
    split_word,
)
from orderflow.grocery_list.scanning.numerals import VULGAR_FRACTIONS, value_of
from orderflow.grocery_list.scanning.token_kinds import (
    ZERO,
    Kind,
    Token,
    folded,
    joined,
    make_token,
)
from orderflow.grocery_list.words.vocabulary import CURRENCY_CODES, TITLES

_FRACTIONS: Final = "".join(VULGAR_FRACTIONS)
_LETTER: Final = rf"[^\W\d_{_FRACTIONS}]"
# Most words and numbers are recognised by the first two patterns, without a look at all the others.
_SCANNER: Final = re.compile(
    rf"""[ ]*+(?:
      (?P<COMMON_WORD>   (?:[b-dghj-psu-wyzB-DGHJ-PSU-WYZ]|[eEiI](?!\.)|[rR](?![sS]\.)
                         |[aA](?![sS][ ]|[lL][oO][nN][gG][ ])|[tT](?![oO][gG])
                         |[fF](?![lL](?:[ .]|[oO][zZ]|[oO][uU][nN])))
                         [a-zA-Z]*+(?=[ ,;:)\n.]|[-/]\d|\Z) )
    | (?P<COMMON_NUMBER> (?!\d{{3}}[CF]\b|\d\d?-\d\d?[ ]?[aApP][mM]\b)  # "180C", "2-4pm"
                 \d++(?=[ ](?![aApP]\.?[mM]\b|o['’]?clock|noon|midn)[a-zA-Z]
                 |[b-jlq-zB-JLQ-Z()\n-]|,[ ]|[ ]\d|\.(?!\d)|\Z)(?![xX]{_LETTER}{{3}})
                 | [{_FRACTIONS}] )
    | (?P<COMMON_MONEY> \d{{1,3}}[kK](?=[ ,\n]|\Z) )
    | (?P<MARK>    [,/:(){{}}\]=+|] | [;!?]++ | \n++(?![\r\v\f\x1c-\x1e\x85\u2028\u2029])
                 | -(?![-‐‑‒–—―−>~⁓]) | &(?!frac\d) )
    | (?P<STOP>    \.(?=\s|\Z) )
    | (?P<DOT>     \.(?![.\d]) )
    | (?<!\w)~(?=[\d{_FRACTIONS}])  # about
    | \*(?<=[a-z]\*)(?=[ ]?(?:[,(]|(?:and|or)\b))  # of a footnote: "peeled* and cut"
    | (?P<COMMON_COLON> (?<=[\w) ])(?:[-=–—]*>|[→➔⇒➜])(?=[ ]?\w) )  # "greengrocer -> apples"
    | (?P<DASH>    [-‐‑‒–—―−>~⁓]+ )
    | (?P<COMMA>   [,|،、，…] | \.\.+ )
    | (?P<NEWLINE> [\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+ )
    | (?P<OPEN>    [({{（] | \[(?![ xX✓✔]?\]) )
    | (?P<CLOSE>   [)\]}}）] )
    | (?P<TIME>    \d{{1,2}}(?:[:.]\d\d)?[-–]\d{{1,2}}(?:[:.]\d\d)?[ ]?[aApP]\.?[mM]\b\.?
                 | \d{{1,2}}(?:[:.]\d\d)?[ ]?[aApP]\.?[mM]\b\.? | \d{{1,2}}:\d\d\b(?![:\d])
                 | \d{{1,2}}[ ]?(?:o['’]?clock|noon|midnight)\b )
    | (?P<COLON>   [:=：] )
    | (?P<MONEY>   (?:@[ ]?)?(?:[₦$€£₹]|(?i:ngn|usd|gbp|eur|ghs|kes|ksh|inr|zar|ugx|tzs)(?=[ ]?\d)
                     |(?i:rs|kshs?|shs?)\.|(?i:gh[₵¢s]?|ghc)(?=[ ]?\d)
                     |R(?=\d))[ ]?\d(?:[.,]?\d)*(?:[kK]\b)?(?:(?<=[₦$€£₹][ ]\d)[ ]\d{{3}}\b)?
                 | @[ ]?\d(?:[.,]?\d)*(?:[kKp]\b)?
                 | [nN\#]\d(?:,?\d){{2,}}(?:\.\d\d\b)? | [nN\#]?\d{{1,3}}(?:[.]\d{{1,2}})?[kK]\b
                 | \d{{1,3}}[p¢]\b | \d[\d,]*/[=-](?![\d=]) )
    | (?P<TIMES>   [×✕✖] | \*(?=[ ]?\d) | [xX](?!['’-]?{_LETTER})
                 | (?<=\d)[xX](?={_LETTER}{{3}})
                 | (?i:qty|qnty|quantity)\b[.]?[ ]?[:=]?(?=[ ]?\d) )
    | (?P<AND>      (?<=\d)(?i:and)(?=\d)
                 | (?i:as[ ]well[ ]as|along[ ]with|together[ ]with)\b )
    | (?P<WORD>    (?:e\.g|i\.e)\b\.? | (?<=\d)(?i:to)(?=\d)  # "1to2"
                 | (?i:fl)\.?[ ]?(?i:oz|ounces?)\b
                 | {_LETTER}&{_LETTER}{{1,2}}\b(?:['’]s)?
                 | {_LETTER}(?:[\w\u0300-\u036f\u0900-\u0fff]|['’/‐‑–-](?={_LETTER})
                             |(?<=s)['’](?=[ -]{_LETTER}))*
                 | \d+[ ]?°[ ]?[cCfF]? | \d{{3}}[CF]\b
                 | \d{{1,3}}(?:[.,]\d{{1,3}})?[ ]?%(?:-{_LETTER}+)? )
    | (?P<BREAK>   \[[ xX✓✔]?\] | \d\ufe0f?\u20e3
                 | [;!?*•·‣◦▪▫●○■□▶►◆★☆☐☑☒✓✔✅➤→➔⇒➜。；]+ )
    | (?P<NUMBER>  \d+(?:[.,]\d+)*(?:[/⁄]\d+)?[{_FRACTIONS}]? | \.\d+
                 | &frac[1-9][2-9]; )
    | (?P<EMOJI>   [\U0001f300-\U0001faff]+ )
    | (?s:.)  # white space or a stray mark
    )?""",
    re.VERBOSE,
)
_KINDS: Final[Sequence[int]] = [
    0,  # groups are counted from one
    *(getattr(Kind, name.removeprefix("COMMON_"), 0) for name in _SCANNER.groupindex),
]
# What each of the group MARK is, by its first character.
_MARKS: Final = {
    mark: kind
    for marks, kind in {
        ",|": Kind.COMMA,
        "/": Kind.SLASH,
        ":=": Kind.COLON,
        "({": Kind.OPEN,
        ")}]": Kind.CLOSE,
        "&+": Kind.AND,
        ";!?": Kind.BREAK,
        "\n": Kind.NEWLINE,
        "-": Kind.DASH,
    }.items()
    for mark in marks
}
# What "no." numbers or counts, unlike "milk? no.": "no. 5", "10 no. of eggs".
_NUMBERED: Final = re.compile(r"\s*(?:\d|of\b)", re.IGNORECASE)
# Looking these up in the class would take a tenth of the time that a list takes.
_WORD, _NUMBER, _DASH, _STOP, _AND = Kind.WORD, Kind.NUMBER, Kind.DASH, Kind.STOP, Kind.AND
_COMMON_WORD: Final = _SCANNER.groupindex["COMMON_WORD"]


def tokenize(text: str) -> list[Token]:
    """All tokens of the text, in order. White space and stray marks belong to none of them."""
    tokens: list[Token] = []
    before, before_kind, before_end = "", 0, 0
    merging = False
    first_words, pairs = MERGED.first_words, MERGED.pairs
    kinds, common_word, append = _KINDS, _COMMON_WORD, tokens.append
    for match in _SCANNER.finditer(text):
        group = match.lastindex
        if group is None:
            continue
        source, end = match[group], match.end()
        kind = kinds[group] or _MARKS[source[0]]
        start = end - len(source)
        if kind == _WORD:
            is_common = group == common_word  # of the letters of ASCII
            lower = source.lower() if is_common else folded(source)
            token = make_token((kind, source, lower, start, end, ZERO))
            if not is_common and (parts := split_word(token)):
                tokens += parts[:-1]
                token = parts[-1]
                lower = token.lower
            elif lower in AND_WORDS or (
                before_kind in GLUING
                and (before_kind != _NUMBER or joins_number(lower, glued=before_end == start))
            ):
                token = join_word(text, tokens, token)
                kind, lower = token.kind, token.lower
        elif kind == _NUMBER:
            # A word where its digits are no quantity: "00", "80/20".
            value = value_of(source)
            kind, lower = kind if value else _WORD, source
            token = make_token((kind, source, source, start, end, value or ZERO))
            if before in CURRENCY_CODES and tokens:  # "GHS 20"
                token = joined(text, tokens.pop(), token, Kind.MONEY)
                kind, lower = token.kind, token.lower
            elif before_kind == _DASH and len(tokens) > 1 and tokens[-2].kind == _WORD:
                token = join_number(text, tokens, token)
                kind, lower = token.kind, token.lower
        else:
            lower = "and" if kind == _AND else source
            if (
                kind == _STOP
                and before in TITLES
                and (before != "no" or _NUMBERED.match(text, end))
            ):
                kind = Kind.DOT
            token = make_token((kind, source, lower, start, end, ZERO))
        append(token)
        merging = merging or (before in first_words and (before, lower) in pairs)
        before, before_kind, before_end = lower, kind, end
    return merge_phrases(text, tokens) if merging else tokens
