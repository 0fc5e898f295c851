"""Ordinary words: a thing that only these would name is none, as in "drive safe"."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from orderflow.grocery_list.words.goods import GOODS_WORDS, singular_and_plural
from orderflow.grocery_list.words.phrases import words_in

_FILE: Final = Path(__file__).with_name("ordinary.txt")
_WORD: Final = re.compile(r"[^\s&/-]+")
# Things that shops sell besides groceries, and kinds of them.
_THINGS: Final = """
    card stamp envelope notebook pen pencil ruler eraser rubber folder file book magazine
    newspaper paper glue tape string rope wire cable hook clip pin needle button thread cloth
    bowl mug basket tray pan pot lid knife glass container jar flask dustbin dish stand holder
    umbrella mask belt glove sock hat shirt shoe sandal blanket pillow sheet cover mat rug curtain
    lamp torch bulb iron fan charger toy puzzle ball game doll balloon banner ribbon flower rose
    plant seed tree soil sand wood log coal gas fuel petrol paint brush screw hammer tool lock
    key mirror comb medicine drug pill tablet vitamin condom strip patch plaster treat dip berry
    meat bone stew roast meal dessert starter dinner lunch herb leaf root grain powder liquid
    gel spray polish cleaner remover filter cartridge sticker badge calendar diary present gift
    wreath candle lighter match cigarette tobacco pipe ice cube dressing spread filling topping
    base mix stock starch colour flavour color flavor
"""
# Brands, and papers, that are ordinary words but for their capital.
_BRANDS: Final = words_in("""
    always sure comfort bold gain dawn joy cheer flash finish vanish ace surf shield tide bounty
    galaxy mars star crown peak pride boost flake heroes roses celebrations quality street double
    dream magnum solo carnation marvel anchor president imperial leather axe lynx secret degree
    nature valley special life total power kings royal bull alive chi rich tea good day little
    hearts nice tiger real slice thumbs wheel all out knight fairy close comet echo apple old spice
    irish spring right guard golden mirror sun times guardian mail express independent observer
    telegraph economist radio tv cool whip wonder general mills uncle ben aunt land lakes blue
    band familia best foods
""")

_NOTICE: Final = "#"  # begins the lines above the words

#: The most common words of English that name nothing that shops sell.
ORDINARY_WORDS: Final = (
    frozenset(_FILE.read_text(encoding="utf-8").rpartition(_NOTICE)[2].partition("\n")[2].split())
    - GOODS_WORDS
    - singular_and_plural(_THINGS.split())
)


def names_nothing_to_buy(name: str) -> bool:
    """Whether all words of the name are ordinary: no good, brand or foreign word is among them."""
    words = _WORD.findall(name)
    return bool(words) and all(map(_is_ordinary, words))


def _is_ordinary(word: str) -> bool:
    lower = word.lower()
    if word[0].isupper() and lower in _BRANDS:
        return False
    return lower.removesuffix("'s") in ORDINARY_WORDS
