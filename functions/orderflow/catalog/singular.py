"""The one form under which a word of a product's name is kept: its singular, in one spelling."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_IRREGULAR: Final = {
    **{f"{stem}ves": f"{stem}f" for stem in ("cal", "hal", "lea", "loa", "shea", "shel", "wol")},
    "knives": "knife",
    "wives": "wife",
    "geese": "goose",
    "teeth": "tooth",
    "mousses": "mousse",
    "lenses": "lens",
    "gases": "gas",
    "children": "child",
}
_LIKE_PLURALS: Final = """
anis asparagus basis cannabis couscous gas glass hummus iris molasses oasis paris plus series
species swiss tennis this
"""
_E_BEFORE_THE_S: Final = """
ache aloe attache avalanche axe barbie brioche brownie cache calorie canoe collie cookie creche
deluxe floe foodie genie headache hoe hoodie marie moustache movie mustache niche oboe panache
pastiche pixie porsche prairie psyche quiche roe rookie selfie shoe sloe smoothie stomachache toe
toothache veggie zombie
"""
# Words that end like plurals and are none.
_KEEP: Final = frozenset(_LIKE_PLURALS.split())
# Words whose singular ends in "ie", "oe", "che" or "xe"; by the usual rules they would lose it.
_KEEP_E: Final = frozenset(_E_BEFORE_THE_S.split())
_ES: Final = ("sses", "xes", "ches", "shes", "zzes", "oes")  # plurals by "es"
_SE: Final = ("ouses", "auses", "fuses", "muses")  # "houses" -> "house", but "citruses" -> "citrus"
_SHORTEST_PLURAL: Final = 4
_Y_FROM_IES_MIN: Final = 5  # "fries" -> "fry", but "pies" -> "pie"

# One word in several spellings; the first is the one that is kept.
_SPELLINGS: Final = (
    ("aluminium", "aluminum"),
    ("caramel", "carmel"),
    ("cheese", "chese"),
    ("chickpea", "chikpea"),
    ("chilli", "chile", "chili", "chilie", "chilly", "chily"),
    ("colour", "color"),
    ("doughnut", "donut"),
    ("fibre", "fiber"),
    ("flavour", "flavor"),
    ("flavoured", "flavored"),
    ("freshener", "freshner"),
    ("gray", "grey"),
    ("iodised", "iodized", "ionised"),
    ("ketchup", "catsup", "catchup"),
    ("masala", "massala"),
    ("moisturiser", "moisturizer"),
    ("moisturising", "moisturizing"),
    ("omelette", "omelet"),
    ("sanitiser", "sanitizer"),
    ("sulphate", "sulfate"),
    ("whisky", "whiskey"),
    ("yogurt", "yoghurt", "yoghourt", "yogurth", "yougurt"),
)
_KEPT_SPELLING: Final = {variant: kept for kept, *variants in _SPELLINGS for variant in variants}


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """The singular of a lower-case English word; anything else comes back as it is.

    Words with several spellings come back in one of them: "chilies" and "chilly" as "chilli".
    """
    one = _IRREGULAR.get(word) or _without_plural(word)
    return _KEPT_SPELLING.get(one, one)


def _without_plural(word: str) -> str:
    if len(word) < _SHORTEST_PLURAL or word in _KEEP or not word.endswith("s"):
        return word
    if word.endswith(("ss", "us")):
        return word
    if word[:-1] in _KEEP_E:
        return word[:-1]
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) >= _Y_FROM_IES_MIN else word[:-1]
    if word.endswith(_ES) or (word.endswith("uses") and not word.endswith(_SE)):
        return word[:-2]
    return word[:-1]
