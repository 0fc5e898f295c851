"""Sentences around items: what there is, what lacks, conditions, orders; frames and tables."""

from __future__ import annotations

import pytest

from orderflow.grocery_list.catalog_names import known_names_of
from orderflow.grocery_list.parser import parse
from orderflow.grocery_list.set_aside import Reason

# quantity, unit, name
Item = tuple[str, str, str]

ITEMS: list[tuple[str, list[Item]]] = [
    # What there is, and what lacks
    ("we've got 6 eggs and flour, so just leeks", [("1", "", "leeks")]),
    ("we have leeks but we don't have eggs or cheese", [("1", "", "eggs"), ("1", "", "cheese")]),
    (
        "we have no sugar, no tea and hardly any flour",
        [("1", "", "sugar"), ("1", "", "tea"), ("1", "", "flour")],
    ),
    ("I no get garri. E no get oil too", [("1", "", "garri"), ("1", "", "oil")]),
    ("Got eggs, milk and butter. Need flour 1kg", [("1", "kilogram", "flour")]),
    ("We get salt, maggi and curry for house already. Buy 2 yams", [("2", "", "yams")]),
    ("In the house we have rice and beans. Buy 2 yams", [("2", "", "yams")]),
    ("1 tin of peas left, get 2 leeks", [("2", "", "leeks")]),
    ("Already at home: rice, oil. Need: 2 leeks", [("2", "", "leeks")]),
    ("NOT buying this week: razors, leeks\n2 eggs", [("2", "", "eggs")]),
    # ... each once, however often it is said
    (
        "there's no flour. Get 1kg of flour and 2 leeks",
        [("1", "kilogram", "flour"), ("2", "", "leeks")],
    ),
    ("what we don't have is sugar so sugar and tea", [("1", "", "sugar"), ("1", "", "tea")]),
    ("no oil for house. Buy groundnut oil 2 litres", [("2", "liter", "groundnut oil")]),
    ("Salt don finish. Buy 2", [("2", "", "Salt")]),
    ("We finished the rice. Bring another bag", [("1", "bag", "rice")]),
    ("There's no chicken so get 2 pizzas", [("2", "", "pizzas")]),
    # Conditions
    ("If dem get fresh corn buy 10", [("10", "", "fresh corn")]),
    ("if the salmon's wild get 2 lbs", [("2", "pound", "salmon")]),
    ("check if they have ugba. If yes, take 4 wraps", [("4", "wrap", "ugba")]),
    ("is the new yam in? If it is, 5 tubers", [("5", "tuber", "yam")]),
    ("if you see suya buy 2k own", [("1", "", "suya")]),
    ("If you pass the shop grab a sourdough", [("1", "", "sourdough")]),
    ("sardine, if e no dey buy geisha", [("1", "", "sardine")]),
    # What others are to say or do
    ("Tell Mama make she add 3 sachet milo", [("3", "sachet", "milo")]),
    ("ask the butcher for 1kg of mince", [("1", "kilogram", "mince")]),
    ("lock them away lol, 2 leeks", [("2", "", "leeks")]),
    ("2 leeks. Ring the bell twice", [("2", "", "leeks")]),
    ("2 leeks. Put am for one nylon", [("2", "", "leeks")]),
    ("when you get to the market, buy 2 leeks", [("2", "", "leeks")]),
    ("It's for my mother, who is 88 and particular. 2 leeks", [("2", "", "leeks")]),
    ("Don't bring soda, Tyler's on a cleanse. 2 leeks", [("2", "", "leeks")]),
    ("Yesterday I ordered 2 crates of eggs. 3 leeks", [("3", "", "leeks")]),
    ("hello this is room 214 could you bring 2 leeks", [("2", "", "leeks")]),
    ("swap the apples for pears, plus 2 leeks", [("1", "", "pears"), ("2", "", "leeks")]),
    ("leeks, and I think one more jar of salsa", [("1", "", "leeks"), ("1", "jar", "salsa")]),
    # Dictation
    ("onions ten no eleven, leeks", [("11", "", "onions"), ("1", "", "leeks")]),
    ("flour one kilo sorry flour two kilos", [("2", "kilogram", "flour")]),
    ("leeks eggs uh no scratch the leeks and a melon", [("1", "", "eggs"), ("1", "", "melon")]),
    (
        "first eggs second bread third milk",
        [("1", "", "eggs"), ("1", "", "bread"), ("1", "", "milk")],
    ),
    ("two things of yogurt and three maybe four leeks", [("2", "", "yogurt"), ("4", "", "leeks")]),
    ("hamburger buns the eight pack and leeks", [("1", "", "hamburger buns"), ("1", "", "leeks")]),
    (
        "pasta sauce two jars parmesan garlic bread and salad",
        [
            ("2", "jar", "pasta sauce"),
            ("1", "", "parmesan"),
            ("1", "", "garlic bread"),
            ("1", "", "salad"),
        ],
    ),
    # Runs of priced items, and sums in rupees
    (
        "rice 2 derica 3000 beans 1 derica 1200 crayfish 500",
        [("2", "derica", "rice"), ("1", "derica", "beans"), ("1", "", "crayfish")],
    ),
    ("dhaniya Rs.10, hari mirch 10 rs wali", [("1", "", "dhaniya"), ("1", "", "hari mirch")]),
    ("1500 tomato, 1k for garri", [("1", "", "tomato"), ("1", "", "garri")]),
    # Hindi words around items
    (
        "bhaiya 2 kilo aloo aur adha kilo tamatar dena",
        [("2", "kilogram", "aloo"), ("0.5", "kilogram", "tamatar")],
    ),
    ("pyaz mat lana, aloo 3 kg", [("3", "kilogram", "aloo")]),
    # Amounts
    (
        "2kgrice,500gsugar,500mlcream",
        [("2", "kilogram", "rice"), ("500", "gram", "sugar"), ("500", "milliliter", "cream")],
    ),
    ("a tin or two of chickpeas", [("2", "can", "chickpeas")]),
    (
        "mutton 750 g with bone, atta 5 kg Aashirvaad",
        [("750", "gram", "mutton"), ("5", "kilogram", "atta")],
    ),
    (
        "2 mackerel gutted, 4 chicken legs skin off",
        [("2", "", "mackerel"), ("4", "", "chicken legs")],
    ),
    ("24 pack lager, coke 12pk", [("24", "", "lager"), ("12", "", "coke")]),
    (
        "coriander small bunch, halve bag of garri",
        [("1", "bunch", "coriander"), ("0.5", "bag", "garri")],
    ),
    ("eggs - not needed, 2 leeks", [("2", "", "leeks")]),
]

FRAMED: list[tuple[str, list[Item], list[str]]] = [
    (
        "[12/03, 9:14 am] Mum: 2 leeks\n[12/03, 9:15 am] Mum: eggs",
        [("2", "", "leeks"), ("1", "", "eggs")],
        [Reason.TALK] * 2,
    ),
    ("12/05/24, 18:03 - Priya: 2 leeks", [("2", "", "leeks")], [Reason.TALK]),
    ("Subject: Saturday\nFrom: a@b.org\n2 leeks", [("2", "", "leeks")], [Reason.TALK] * 2),
    ("Voice note from Dad (00:31): 2 leeks", [("2", "", "leeks")], [Reason.TALK]),
    ("2 leeks\nMia (917-555-0144)", [("2", "", "leeks"), ("1", "", "Mia")], [Reason.ADDRESS]),
    ("2 leeks\n-- \nMia Jones\nManager", [("2", "", "leeks")], [Reason.TALK]),
    (
        "ALDI\nGRND COFFEE 12 OZ   7.49 B\nCELERY  1.79 B",
        [("12", "ounce", "GRND COFFEE"), ("1", "", "CELERY")],
        [Reason.HEADING, Reason.MONEY, Reason.MONEY],
    ),
    (
        "2x soap   @350   700\neggs @100   100",
        [("2", "", "soap"), ("1", "", "eggs")],
        [Reason.MONEY] * 2,
    ),
]

TABLES: list[tuple[str, list[Item]]] = [
    (
        "item,qty,unit\nrice,5,kg\neggs,30,\ntea bags,1,box",
        [("5", "kilogram", "rice"), ("30", "", "eggs"), ("1", "box", "tea bags")],
    ),
    ("Qty;Item;Price\n2;Soap;11.98\n3;Leeks;2.10", [("2", "", "Soap"), ("3", "", "Leeks")]),
    ("S/N | ITEM | QTY | RATE\n1 | Rice | 2 bags | 900\n | | TOTAL | 1800", [("2", "bag", "Rice")]),
    ("| Item | Qty |\n|---|---|\n| Rice | 5 kg |", [("5", "kilogram", "Rice")]),
    ("S/N,ITEM,QTY,PRICE\n1,Dry fish,4,700", [("4", "", "Dry fish")]),
    (
        "Item      Qty    Price\nSoap      6      4200\nSugar     2kg    3000",
        [("6", "", "Soap"), ("2", "kilogram", "Sugar")],
    ),
    ("rice,5,kg\nbeans,2,kg", [("5", "kilogram", "rice"), ("2", "kilogram", "beans")]),
    ("Costco run - Saturday\n* leeks", [("1", "", "leeks")]),
    ("+----+---+\n|Item|Qty|\n+====+===+\n|Rice|5kg|\n+----+---+", [("5", "kilogram", "Rice")]),
    ("1 | Soap | 5 | 900\n2 | Oil | 2L | 300", [("5", "", "Soap"), ("2", "liter", "Oil")]),
    ("Upstairs\nbleach 2\n\nGarage\nsoap 9", [("2", "", "bleach"), ("9", "", "soap")]),
    (
        "CO-OP\nClerk Jo\nSoap 1.20\nTea 0.95\nTOTAL 2.15\nMember 5512",
        [("1", "", "Soap"), ("1", "", "Tea")],
    ),
    ("2 leeks\nRegards,\nMia Jones\nFacilities Manager", [("2", "", "leeks")]),
    (
        "Monthly kirana\n1) Salt 2 kg\n2) Rice 5 kg",
        [("2", "kilogram", "Salt"), ("5", "kilogram", "Rice")],
    ),
]

# quantity, unit, name; and what of the text is set aside as talk
TOLD: list[tuple[str, list[Item], list[str]]] = [
    # A subject and its verb ask for nothing, whatever they name or count
    (
        "I'm stuck on the 405. Can you grab 2 leeks",
        [("2", "", "leeks")],
        ["I'm stuck on the 405"],
    ),
    ("2 leeks. I will send the boy by 10", [("2", "", "leeks")], ["I will send the boy by 10"]),
    ("2 leeks. We open the doors at 7", [("2", "", "leeks")], ["We open the doors at 7"]),
    (
        "Mike claims he can make pie. 2 leeks",
        [("2", "", "leeks")],
        ["Mike claims", "he can make pie"],
    ),
    ("2 leeks. Emeka go bring the money", [("2", "", "leeks")], ["Emeka go bring the money"]),
    ("My pikin get fever. Buy 2 leeks", [("2", "", "leeks")], ["My pikin get fever"]),
    ("The kids have soccer, so 2 leeks", [("2", "", "leeks")], ["The kids have soccer"]),
    (
        "a bag of rice is now ninety thousand. 2 leeks",
        [("2", "", "leeks")],
        ["a bag of rice is now ninety thousand"],
    ),
    # ... but where they need, want or lack
    ("She'd like a tin of tuna", [("1", "can", "tuna")], ["She'd like"]),
    ("Jen says we're out of ketchup", [("1", "", "ketchup")], ["Jen says we're out of"]),
    (
        "15 lbs of rice would be great",
        [("15", "pound", "rice")],
        [],
    ),
    # Words that name nothing stand alone among sentences
    (
        "I tried it on Sunday. Trying again tonight. I need 2 leeks",
        [("2", "", "leeks")],
        ["I tried it on Sunday", "Trying again tonight"],
    ),
    (
        "We're upstairs. Side door please, the dog barks. 2 leeks",
        [("2", "", "leeks")],
        ["We're upstairs", "Side door please", "the dog barks"],
    ),
    (
        "Sam: are you home\nDee: always\nSam: 2 leeks\nDee: ok",
        [("2", "", "leeks")],
        ["Sam", "are you home", "Dee", "always", "Sam", "Dee"],
    ),
    ("I need 2 leeks\nThe party is at 7\nRob", [("2", "", "leeks")], ["The party is at 7", "Rob"]),
    # ... which are things in a list
    ("carpet cleaner. firelighters", [("1", "", "carpet cleaner"), ("1", "", "firelighters")], []),
]

ITEMS += [
    ("what I need off you is six bags of ice", [("6", "bag", "ice")]),
    ("take the peas out of the freezer. So that's flour 1kg", [("1", "kilogram", "flour")]),
    ("Papa is asking for bananas also", [("1", "", "bananas")]),
    ("would you pop me in a jar of jam", [("1", "jar", "jam")]),
]

CORRECTED: list[tuple[str, list[Item]]] = [
    ("six eggs no we've got eggs, 2 leeks", [("2", "", "leeks")]),
    ("two sticks of butter no wait I have butter and 2 leeks", [("2", "", "leeks")]),
    ("parmesan no not parmesan, 2 leeks", [("2", "", "leeks")]),
    ("fresh fish four, sorry not fish, 2 leeks", [("2", "", "leeks")]),
    ("ham. Not the cheap ham", [("1", "", "ham")]),
    ("lemons are we out of lemons yeah lemons three", [("3", "", "lemons")]),
    ("two cups of rice no three cups and one leek", [("3", "cup", "rice"), ("1", "", "leek")]),
    ("um two no scratch that just one bottle of soap", [("1", "bottle", "soap")]),
    ("bread brown er two pints of milk", [("1", "", "bread brown"), ("2", "pint", "milk")]),
    ("onions too, like ten big ones", [("10", "", "onions")]),
    ("three tins of cat food he's not eating the pouches", [("3", "can", "cat food")]),
    ("a bottle of tonic, the original", [("1", "bottle", "tonic")]),
    ("Fanta 2, if no Fanta bring Sprite, 2 leeks", [("2", "", "Fanta"), ("2", "", "leeks")]),
    ("Do you have ribs? If so, four of those", [("4", "", "ribs")]),
    ("If you have pork pies I'll take two", [("2", "", "pork pies")]),
]


def _items(text: str) -> list[Item]:
    return [(str(line.quantity), line.unit, line.name) for line in parse(text).lines]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("salt if you want the sauce spicy", ["salt"]),
        ("3 cups water, depending on how thick you would like the sauce", ["water"]),
        ("please if you see milk buy 2", ["milk"]),
        ("I need salt if you have it", ["salt"]),
        ("if you want buy bread", ["bread"]),
    ],
)
def test_a_condition_behind_a_thing_asks_for_nothing(text: str, names: list[str]) -> None:
    assert [line.name for line in parse(text).lines] == names


@pytest.mark.parametrize(("text", "items"), ITEMS)
def test_takes_what_sentences_ask_for(text: str, items: list[Item]) -> None:
    assert _items(text) == items


@pytest.mark.parametrize(("text", "items", "reasons"), FRAMED)
def test_sets_aside_what_programs_write_around_a_list(
    text: str, items: list[Item], reasons: list[str]
) -> None:
    assert _items(text) == items
    assert [each.reason for each in parse(text).set_aside] == reasons


@pytest.mark.parametrize(("text", "items", "talk"), TOLD)
def test_sets_aside_what_people_tell(text: str, items: list[Item], talk: list[str]) -> None:
    told = [each for each in parse(text).set_aside if each.reason == Reason.TALK]

    assert _items(text) == items
    assert [text[slice(*each.span)] for each in told] == talk


@pytest.mark.parametrize(("text", "items"), CORRECTED)
def test_the_last_word_counts(text: str, items: list[Item]) -> None:
    assert _items(text) == items


def test_a_catalogs_name_is_no_fragment_among_sentences() -> None:
    text = "I tried it on Sunday. Tymbark. I need 2 leeks"

    known = known_names_of(["Tymbark"])

    assert [line.name for line in parse(text, known).lines] == ["Tymbark", "leeks"]
    assert [line.name for line in parse(text).lines] == ["leeks"]


@pytest.mark.parametrize(("text", "items"), TABLES)
def test_reads_tables_by_the_heads_of_their_columns(text: str, items: list[Item]) -> None:
    assert _items(text) == items


@pytest.mark.parametrize(
    "text", ["S/N,ITEM,QTY,PRICE\n1,Dry fish,4,700", "Item  Qty  Price\nSoap  6  420"]
)
def test_a_tables_price_is_a_price_and_no_quantity(text: str) -> None:
    (line,) = parse(text).lines

    assert line.price_kobo == 100 * int(text[-3:])
    assert text[slice(*line.span)].startswith(line.name)
