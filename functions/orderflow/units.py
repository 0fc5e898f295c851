"""The units that shoppers write, and the canonical name of each.

Canonical names are singular and American where spellings differ ("liter"), in lower case. The empty
string is the unit of counted things ("3 eggs").
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

# Canonical name -> every other spelling, in lower case: abbreviations, irregular plurals, local
# words, common misspellings. Regular plurals are derived below.
_MEASURES: Final[Mapping[str, str]] = {
    "milligram": "mg mgs mgr mgrs milligramme",
    "gram": "g gs gm gms gr grs grm grms gramme grammes",
    "kilogram": "kg kgs kilo kilos kilogramme kilogrammes killogram killo kilogrm kgrs",
    "ounce": "oz ozs onz ounze onces",
    "pound": "lb lbs pd pds pund",
    "milliliter": "ml mls millilitre millilitres mililiter mililitre cc",
    "centiliter": "cl cls centilitre centilitres",
    "deciliter": "dl dls decilitre decilitres",
    "liter": "l lt lts ltr ltrs lit lits litre litres litter litters leter leters litr",
    "fluid ounce": "floz|fl oz|fl. oz|fl.oz|fluid oz|fluid ounces"
    "|fl ounce|fl ounces|fl. ounce|fl. ounces|fl ozs",
    "pint": "pt pts",
    "quart": "qt qts",
    "gallon": "gal gals galon galons",
    "teaspoon": "tsp tsps tspn tspns teasp ts t teaspon teaspoonful teaspoonfuls tea-spoon"
    "|tea spoon|tea spoons",
    "dessertspoon": "dsp dsps dstspn dstspns dessertspoonful dessertspoonfuls"
    "|dessert spoon|dessert spoons",
    "tablespoon": "tbsp tbsps tbs tbl tblsp tblsps tbspn tbspns tb tablespon tabelspoon "
    "tablespoonful tablespoonfuls table-spoon spoonful spoonfuls|table spoon|table spoons",
    "cup": "c cp cupful cupfuls cps|cigar cup|cigar cups|milk cup|milk cups",
}

_COUNTED: Final[Mapping[str, str]] = {
    "bag": "bg bgs",
    "bale": "",
    "ball": "",
    "bar": "",
    "basket": "baskit",
    "batch": "",
    "block": "",
    "bottle": "btl btls bottel bottels botle botles",
    "bowl": "",
    "box": "boxs bx bxs",
    "bucket": "buket",
    "bulb": "",
    "bunch": "bnch bch bchs bunchs gaddi gaddis",
    "bundle": "bundel bundels",
    "can": "tin tins",
    "card": "",
    "carton": "ctn ctns cartoon cartoons katon cartton",
    "case": "",
    "clove": "",
    "congo": "kongo kongos",
    "container": "",
    "crate": "crt crts creat creats",
    "cube": "",
    "dash": "",
    "derica": "derrica dericka derika|de rica|de ricas",
    "drop": "",
    "ear": "",
    "envelope": "env envs",
    "fillet": "",
    "finger": "",
    "hand": "",
    "handful": "handfull handfuls handsful",
    "head": "",
    "heap": "",
    "jar": "",
    "jug": "",
    "keg": "jerrycan jerrycans|jerry can|jerry cans",
    "knob": "",
    "loaf": "loaves loafs loave lof",
    "mudu": "modu",
    "olonka": "",
    "package": "pkg pkgs pkge pack packs pck pk pks packet packets pkt pkts packag packege pacs",
    "paint": "rubber rubbers|paint bucket|paint buckets|paint rubber|paint rubbers|custard rubber"
    "|custard rubbers",
    "pair": "",
    "piece": "pc pcs pce pces peice peices pices unit units nos|no of|nos of",
    "pinch": "",
    "pod": "",
    "portion": "",
    "pot": "",
    "pouch": "",
    "punnet": "",
    "rasher": "",
    "ream": "",
    "roll": "",
    "sachet": "satchet satchets sachette sachettes sacket sackets",
    "sack": "",
    "scoop": "",
    "sheet": "",
    "slab": "",
    "slice": "slise",
    "splash": "",
    "sprig": "",
    "stalk": "",
    "stick": "",
    "strip": "",
    "tray": "",
    "tub": "",
    "tube": "",
    "tuber": "tubber tubbers tubar",
    "wrap": "",
}

# The names on Nigerian shelves that differ from the canonical ones.
_SHELF_WORDS: Final = {
    "": "piece",
    "can": "tin",
    "centiliter": "centilitre",
    "deciliter": "decilitre",
    "liter": "litre",
    "milliliter": "millilitre",
    "package": "pack",
}
_IRREGULAR_PLURALS: Final = {"loaf": "loaves"}

#: Weights and volumes: they give an amount without a package.
MEASURES: Final = frozenset(_MEASURES)

#: Packages, market measures and natural pieces: they are counted, and each holds some amount.
COUNTED_UNITS: Final = frozenset(_COUNTED)


def _plural(name: str) -> str:
    return name + ("es" if name.endswith(("ch", "sh", "x")) else "s")


def _spellings() -> dict[str, str]:
    """Every spelling -> canonical name. Spellings of several words are separated by "|"."""
    spellings: dict[str, str] = {}
    for name, others in {**_MEASURES, **_COUNTED}.items():
        one_word, *several_words = others.split("|")
        for spelling in (name, _plural(name), *one_word.split(), *several_words):
            spellings[spelling] = name
    return spellings


#: Every known spelling, in lower case -> canonical name.
UNIT_SPELLINGS: Final[Mapping[str, str]] = _spellings()


def in_words(quantity: Decimal, unit: str) -> str:
    """An amount in the words of Nigerian shelves: "1 litre", "500 grams", "12 pieces"."""
    shelf = _SHELF_WORDS.get(unit, unit)
    word = shelf if quantity == 1 else _IRREGULAR_PLURALS.get(shelf, _plural(shelf))
    return f"{quantity.normalize():f} {word}"


_SPELLINGS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(spelling for spelling, unit in UNIT_SPELLINGS.items() if unit == name)
    for name in COUNTED_UNITS
}


def spellings_of(unit: str) -> tuple[str, ...]:
    """The spellings of a container or a piece: "can", "tin", "tins"; none for measures."""
    return _SPELLINGS_OF.get(unit, ())
