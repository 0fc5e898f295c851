"""Kinds of lists that other people's tests and messages have, as docs/grocery-list.md tells."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderflow.grocery_list.parser import parse
from orderflow.grocery_list.set_aside import Reason

# quantity, unit, name
Item = tuple[str, str, str]

ITEMS: list[tuple[str, list[Item]]] = [
    # Arrows are colons, and bullets at a line's beginning
    ("Mince → 800g\nBeans -> 2 tins", [("800", "gram", "Mince"), ("2", "can", "Beans")]),
    (
        "greengrocer -> 3 lb apples, parsley\npet shop -> budgie seed",
        [("3", "pound", "apples"), ("1", "", "parsley"), ("1", "", "budgie seed")],
    ),
    ("→ milk\n→ 2 eggs", [("1", "", "milk"), ("2", "", "eggs")]),
    # Requests in the midst of a clause
    ("for the temple please can we have lentils 20kg", [("20", "kilogram", "lentils")]),
    ("buy come 1 tin tomato 3 onion", [("1", "can", "tomato"), ("3", "", "onion")]),
    ("note karo onion two kg", [("2", "kilogram", "onion")]),
    ("tell mama make she keep 4 cup of melon", [("4", "cup", "melon")]),
    ("I need make you package 2 congo rice", [("2", "congo", "rice")]),
    ("Kindly keep for me kilishi 3k, coconut 2", [("1", "", "kilishi"), ("2", "", "coconut")]),
    ("salt, no forget knorr", [("1", "", "salt"), ("1", "", "knorr")]),
    ("hello google make list tamatar two kilo", [("2", "kilogram", "tamatar")]),
    # So much of each
    ("6 each - scones, buns", [("6", "", "scones"), ("6", "", "buns")]),
    (
        "black beans & pinto beans, 15.5 oz cans, 4 each",
        [("4", "can", "black beans"), ("4", "can", "pinto beans")],
    ),
    # Numbers behind hesitation, sizes, remarks and "na"
    ("sausages for tea uh eight and salt", [("8", "", "sausages"), ("1", "", "salt")]),
    ("digestives 400g, 2 for £3 so get 2", [("2", "", "digestives")]),
    ("Three Crown 380g na 1", [("1", "", "Three Crown")]),
    ("kpomo the soft one eight pieces", [("8", "piece", "kpomo")]),
    ("bagels plain ones, salt", [("1", "", "bagels"), ("1", "", "salt")]),
    ('Pork chops, 1" thick, 4', [("4", "", "Pork chops")]),
    ("orange halves (about 30)", [("30", "", "orange halves")]),
    ("mudu gero 2", [("2", "mudu", "gero")]),
    ("777 pickle one bottle", [("1", "bottle", "777 pickle")]),
    ("2 sixpacks of beer", [("12", "", "beer")]),
    ("A4 paper 2 reams", [("2", "ream", "A4 paper")]),
    ("142ml pot double cream", [("1", "pot", "double cream")]),
    ("a wee tin of salmon", [("1", "can", "salmon")]),
    # "Will do", conditions and what is bought otherwise
    ("Get some crisps, and leeks? Two'll do.", [("1", "", "crisps"), ("2", "", "leeks")]),
    ("If you have ofada rice, 2 kg. If not, send beans.", [("2", "kilogram", "ofada rice")]),
    ("if broccoli is below 80 rs take 2 otherwise leave it", [("2", "", "broccoli")]),
    ("I want rice. If not, beans", [("1", "", "rice")]),
    # What is there is taken back
    ("salt. Stockfish I get already.", [("1", "", "salt")]),
    ("milk - no need\nsalt", [("1", "", "salt")]),
    ("I think there's half a jar. We need jam", [("1", "", "jam")]),
    # Corrections
    ("til 25 g... no, take 50 g", [("50", "gram", "til")]),
    ("tomato one kg no no make tomato two kg", [("2", "kilogram", "tomato")]),
    ("change the rice from 5kg to 10kg", [("10", "kilogram", "rice")]),
    ("apples x4... make that x6", [("6", "", "apples")]),
    ("Steaks, four of 'em", [("4", "", "Steaks")]),
    # Packs behind names and brands, "lots of", and things that an article divides
    ("eggs crate 2", [("2", "crate", "eggs")]),
    ("wine - red 2 bottles", [("2", "bottle", "wine")]),
    ("two lots of nappies", [("2", "", "nappies")]),
    ("dog treats a light bulb", [("1", "", "dog treats"), ("1", "", "light bulb")]),
    # Things behind semicolons belong to a list that has asked
    (
        "She is here? Eggs, 6; PG Tips; salt",
        [("6", "", "Eggs"), ("1", "", "PG Tips"), ("1", "", "salt")],
    ),
    # "One point five", "is enough", other currencies
    ("flour one point five kilos", [("1.5", "kilogram", "flour")]),
    ("match point 3", [("3", "", "match point")]),
    ("Get 2kg sugar. Actually 1kg is enough.", [("1", "kilogram", "sugar")]),
    ("2kg unga Sh 210, tomatoes 100 bob", [("2", "kilogram", "unga"), ("1", "", "tomatoes")]),
    ("abeg drop Gulder 6 bottle", [("6", "bottle", "Gulder")]),
    ("please drop at the gate\n2 leeks", [("2", "", "leeks")]),
    ("The kids ate it all 🙄 need Cheerios", [("1", "", "Cheerios")]),
    ("Collect Friday 10.30-11.30am\nmuesli", [("1", "", "muesli")]),
    ("2-3 lemons, 2-4pm", [("3", "", "lemons")]),
    ("clotted cream and the Radio Times", [("1", "", "clotted cream"), ("1", "", "Radio Times")]),
    ("Bake 20 mins at 180C\nsalt", [("1", "", "salt")]),
    # Tables: a unit for a head, and numbers of rows that fill their column
    (
        "Veg box | Kg\nSwede | 0.5\nLeeks | 2½\nPeas | 1",
        [
            ("0.5", "kilogram", "Swede"),
            ("2.5", "kilogram", "Leeks"),
            ("1", "kilogram", "Peas"),
        ],
    ),
    (
        "1  onions       1 bag\n2  foil         1 roll\n3 sprouts       500g\n4 pears         6",
        [
            ("1", "bag", "onions"),
            ("1", "roll", "foil"),
            ("500", "gram", "sprouts"),
            ("6", "", "pears"),
        ],
    ),
    (
        "Curry 5g     10 @ 50.00    500.00\nOil 1.4L      1 @ 345.00   345.00\n"
        "Soap 900g     2 @ 198.00   396.00\nTotal items: 13",
        [("10", "", "Curry"), ("1", "", "Oil"), ("2", "", "Soap")],
    ),
    # Any verb asks behind "please" and "could you"
    ("please reserve 15 loaves and 10 rolls", [("15", "", "loaves"), ("10", "", "rolls")]),
    (
        "Could you pop in a couple of pints of milk, 6 eggs",
        [("2", "pint", "milk"), ("6", "", "eggs")],
    ),
    ("Would you mind picking up 3 lemons", [("3", "", "lemons")]),
    ("please tuna 2 tins", [("2", "can", "tuna")]),
    ("place an order of 5 bags flour", [("5", "bag", "flour")]),
    # Nothing is named
    ("I need 3 things: milk and bread", [("1", "", "milk"), ("1", "", "bread")]),
    ("2 items: rice 5kg, beans", [("5", "kilogram", "rice"), ("1", "", "beans")]),
    ("rice 2kg. Please check expiry.", [("2", "kilogram", "rice")]),
    ("milk\ntrying to keep it under £12", [("1", "", "milk")]),
    ("got milk, got eggs. buy cheese", [("1", "", "cheese")]),
    ("coke 4, fanta 4, all in 50cl bottles", [("4", "", "coke"), ("4", "", "fanta")]),
    ("brie\nNot this week: wine, crisps", [("1", "", "brie")]),
    # A unit before its number
    ("tomato, basket 1", [("1", "basket", "tomato")]),
    ("milk - tin 4, rice", [("4", "can", "milk"), ("1", "", "rice")]),
    ("plates 5, cups 5", [("5", "", "plates"), ("5", "", "cups")]),
    # "dozen" has no full stop of its own
    ("eggs, two dozen. milk, one gallon.", [("24", "", "eggs"), ("1", "gallon", "milk")]),
    ("2 doz. eggs", [("24", "", "eggs")]),
    ("tomatoes cherry 2 punnets", [("2", "punnet", "tomatoes cherry")]),
    ("I am out of dog food. cat litter too", [("1", "", "dog food"), ("1", "", "cat litter")]),
    ("the rest na pepper 500", [("1", "", "pepper")]),
    # Sections in square brackets, and counts in round ones
    ("[Greens]\nkale\n(3) leeks", [("1", "", "kale"), ("3", "", "leeks")]),
    ("(4) limes\n(2) avocados", [("4", "", "limes"), ("2", "", "avocados")]),
    ("(1) limes\n(2) avocados", [("1", "", "limes"), ("1", "", "avocados")]),
    ("(3) 2 leeks", [("2", "", "leeks")]),
    ("One (1) bag rice; Two (2) bags salt", [("1", "bag", "rice"), ("2", "bag", "salt")]),
    ("Leek soup\nIngredients\n- 3 leeks\n- 1 onion", [("3", "", "leeks"), ("1", "", "onion")]),
    # An "x" before a unit
    ("2 x bags of peas", [("2", "bag", "peas")]),
    ("1x pack crackers (large)", [("1", "package", "crackers")]),
    # Corrections
    ("six leeks uh no eight leeks", [("8", "", "leeks")]),
    ("six leeks no eight leeks", [("8", "", "leeks")]),
    ("rice 2 kg (make that 5)", [("5", "kilogram", "rice")]),
    ("rice: 2 bags\ntea: none", [("2", "bag", "rice")]),
    ("tea, none, rice", [("1", "", "tea"), ("1", "", "rice")]),
    ("clear the list and add tea", [("1", "", "tea")]),
    ("have a nice day", []),
    # Things that "then", a number or "one one" tells apart
    (
        "hand soap then cling film then 2 sponges",
        [("1", "", "hand soap"), ("1", "", "cling film"), ("2", "", "sponges")],
    ),
    ("soy milk two lemons", [("1", "", "soy milk"), ("2", "", "lemons")]),
    (
        "apples pears 3 leeks stock cubes",
        [("1", "", "apples"), ("1", "", "pears"), ("3", "", "leeks"), ("1", "", "stock cubes")],
    ),
    (
        "nappies size two wipes and milk",
        [("1", "", "nappies size two"), ("1", "", "wipes"), ("1", "", "milk")],
    ),
    ("rice and beans one one", [("1", "", "rice"), ("1", "", "beans")]),
    # Packs of a size
    ("dog food 100g pouches - 24", [("24", "pouch", "dog food")]),
    # Numbers
    ("1 3 / 4 cups rice", [("1.75", "cup", "rice")]),
    ("three and two thirds cups rice", [("3.6667", "cup", "rice")]),
    ("4and1/2 cups rice", [("4.5", "cup", "rice")]),
    ("a couple of tins of tuna", [("2", "can", "tuna")]),
    ("nearly 3 cups rice", [("3", "cup", "rice")]),
    # Measures
    ("2 tbsp plus 1 cup rice", [("1.125", "cup", "rice")]),
    ("2 cups or 300 grams rice", [("2", "cup", "rice")]),
    ("2 cups or 1 cup rice", [("2", "cup", "rice")]),
    ("2 inch piece turmeric", [("1", "piece", "turmeric")]),
    ("1 (10-inch) pizza base", [("1", "", "pizza base")]),
    ("3 md onions", [("3", "", "onions")]),
    ("1 cup; 240 ml stock", [("1", "cup", "stock")]),
    ("1 packet, about 2 tsp yeast", [("1", "package", "yeast")]),
    ("2 in. of ginger", [("1", "", "ginger")]),
    ("5kg rice; 2 leeks", [("5", "kilogram", "rice"), ("2", "", "leeks")]),
    # Alternatives
    ("1 can pinto, navy, or black beans", [("1", "can", "pinto")]),
    ("3 tbsp corn, peanut or olive oil", [("3", "tablespoon", "corn oil")]),
    (
        "5kg rice, beans, butter or margarine",
        [("5", "kilogram", "rice"), ("1", "", "beans"), ("1", "", "butter")],
    ),
    ("1 pound rotini, fusilli, or other short, thick pasta", [("1", "pound", "rotini")]),
    # More of the same
    ("2 cloves garlic, plus 1 for rubbing", [("2", "clove", "garlic")]),
    ("1 sprig mint plus a handful of mint leaves", [("1", "sprig", "mint")]),
    ("3 limes, sliced, plus wedges to serve", [("3", "", "limes")]),
    ("2 eggs plus 1 egg yolk", [("2", "", "eggs"), ("1", "", "egg yolk")]),
    ("2kg rice plus 1 bag rice", [("2", "kilogram", "rice"), ("1", "bag", "rice")]),
    # What is done with a thing, or with some of it
    ("3 tbsp butter melted and cooled", [("3", "tablespoon", "butter")]),
    ("2 trout, skin on, pin boned", [("2", "", "trout")]),
    ("1 cabbage, quartered and then into thin strips", [("1", "", "cabbage")]),
    ("1 cup cream, whipped fairly stiff", [("1", "cup", "cream")]),
    ("4 shallots, 3 sliced, 1 chopped", [("4", "", "shallots")]),
    ("10 cloves garlic, 4 sliced and 6 minced", [("10", "clove", "garlic")]),
    ("2 leeks, white and green parts", [("2", "", "leeks")]),
    ("ham, 2 slices per person", [("1", "", "ham")]),
    ("1 quart low-sodium, gluten-free broth", [("1", "quart", "low-sodium, gluten-free broth")]),
    ("2 lb peeled and deveined prawns", [("2", "pound", "peeled and deveined prawns")]),
    ("3 tbsp herbs, like dill and chervil", [("3", "tablespoon", "herbs")]),
    ("½ cup leek potato chutney", [("0.5", "cup", "leek potato chutney")]),
    # Dictation
    ("alexa add pears to the list alexa add tea", [("1", "", "pears"), ("1", "", "tea")]),
    ("siri add pears hey siri add five limes", [("1", "", "pears"), ("5", "", "limes")]),
    ("item one pears item two five limes", [("1", "", "pears"), ("5", "", "limes")]),
    ("market list colon pears comma tea", [("1", "", "pears"), ("1", "", "tea")]),
    ("pears um what else oh tea", [("1", "", "pears"), ("1", "", "tea")]),
    ("pears and lastly some tea", [("1", "", "pears"), ("1", "", "tea")]),
    ("pears I think", [("1", "", "pears")]),
    ("pears about two kilos", [("2", "kilogram", "pears")]),
    ("one more bag of rice", [("1", "bag", "rice")]),
    ("cheese the mild kind and tea", [("1", "", "cheese"), ("1", "", "tea")]),
    (
        "a bag of rice ten kilograms two kegs of oil and five tins of tuna",
        [("1", "bag", "rice"), ("2", "keg", "oil"), ("5", "can", "tuna")],
    ),
    (
        "dish soap paper towels and tea",
        [("1", "", "dish soap"), ("1", "", "paper towels"), ("1", "", "tea")],
    ),
    # Courtesy
    ("tea and sugar sharp sharp", [("1", "", "tea"), ("1", "", "sugar")]),
    ("pears and tea after work thanks bye", [("1", "", "pears"), ("1", "", "tea")]),
    ("5 tins of tuna to the office", [("5", "can", "tuna")]),
    ("for lunch bread, for dinner 2 pears", [("1", "", "bread"), ("2", "", "pears")]),
    ("restock rice", [("1", "", "rice")]),
    ("stuff like garlic", [("1", "", "garlic")]),
    ("yo, add 3 tins of tuna", [("3", "can", "tuna")]),
    ("leeks x2 and mint though", [("2", "", "leeks"), ("1", "", "mint")]),
    ("6 limes on your way back", [("6", "", "limes")]),
    ("if you have time could you grab a loaf of bread", [("1", "loaf", "bread")]),
    ("the kids ate the tea so could you get 2 leeks", [("2", "", "leeks")]),
    ("If so please get some leeks", [("1", "", "leeks")]),
    ("The milk is finished, get 2 pints", [("2", "pint", "milk")]),
    ("Do you have Irish potatoes? I need 5kg.", [("5", "kilogram", "Irish potatoes")]),
    ("We ate all the bananas, get 6 more and tea", [("6", "", "bananas"), ("1", "", "tea")]),
    ("The milk and the tea are finished, get 2 pears", [("2", "", "pears")]),
    (
        "peas tin of soup tin of tuna",
        [("1", "", "peas"), ("1", "can", "soup"), ("1", "can", "tuna")],
    ),
    ("list item leeks item tea", [("1", "", "leeks"), ("1", "", "tea")]),
    ("first thing leeks second thing tea", [("1", "", "leeks"), ("1", "", "tea")]),
    ("leeks like maybe four", [("4", "", "leeks")]),
    ("I want 2kg tea. Also leeks", [("2", "kilogram", "tea"), ("1", "", "leeks")]),
    (
        "bread milk 2 tea 1 leeks 12",
        [("1", "", "bread"), ("2", "", "milk"), ("1", "", "tea"), ("12", "", "leeks")],
    ),
    ("tea, dem no dey sell leeks", [("1", "", "tea")]),
    ("2 leeks come for me when you dey come", [("2", "", "leeks")]),
    ("tea, bread, cancel the tea", [("1", "", "bread")]),
    ("rice please 2kg, yam abeg 3", [("2", "kilogram", "rice"), ("3", "", "yam")]),
    (
        "new shopping list flour sugar three lemons",
        [("1", "", "flour"), ("1", "", "sugar"), ("3", "", "lemons")],
    ),
    ("add tea um what was it oh yeah mint", [("1", "", "tea"), ("1", "", "mint")]),
    ("3 loaves bread, with 1 tin sardine", [("3", "loaf", "bread"), ("1", "can", "sardine")]),
    ("pears 2 with leeks 1", [("2", "", "pears"), ("1", "", "leeks")]),
    ("I forgot cat food (6 tins)", [("6", "can", "cat food")]),
    ("I forgot my keys", []),
    ("When you get a minute, leeks please", [("1", "", "leeks")]),
    ("We're hosting on Sunday, 8 adults 3 kids. 2 leeks", [("2", "", "leeks")]),
    ("Buy 2 leeks, use the balance for tea", [("2", "", "leeks"), ("1", "", "tea")]),
    ("This time I'd like 2 leeks", [("2", "", "leeks")]),
    (
        "pears four of them leeks one and tea",
        [("4", "", "pears"), ("1", "", "leeks"), ("1", "", "tea")],
    ),
    ("tea and mint, take off the tea", [("1", "", "mint")]),
    ("Garri don finish, 500 own", [("1", "", "Garri")]),
    ("3 cups beans, with leeks 2", [("3", "cup", "beans"), ("2", "", "leeks")]),
    ("tea 700 fresh, salt 100", [("1", "", "tea fresh"), ("1", "", "salt")]),
    ("could you swing by the shop for tea", [("1", "", "tea")]),
    ("2 leeks. The party starts at 4", [("2", "", "leeks")]),
    ("Order for pickup tomorrow - 2 leeks", [("2", "", "leeks")]),
    ("soup on Saturday", [("1", "", "soup")]),
    ("what's left is tea", [("1", "", "tea")]),
    ("send the usual tea, 3 tins", [("3", "can", "tea")]),
    ("leeks 2 bundles", [("2", "bundle", "leeks")]),
    ("meeting at 3 so I can't go. 2 leeks", [("2", "", "leeks")]),
    ("2 leeks and the tea I like", [("2", "", "leeks"), ("1", "", "tea")]),
]


def _items(text: str) -> list[Item]:
    return [(str(line.quantity), line.unit, line.name) for line in parse(text).lines]


@pytest.mark.parametrize(("text", "items"), ITEMS)
def test_understands_further_kinds(text: str, items: list[Item]) -> None:
    assert _items(text) == items


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("okro of 500 from the junction", "500"),
        ("okro 500 for soup", "500"),
        ("2 wraps okro for 300 please", "300"),
    ],
)
def test_a_sum_before_a_place_or_a_purpose_is_a_price(text: str, price: str) -> None:
    (line,) = parse(text).lines

    assert line.price == price
    assert line.quantity <= Decimal(2)


@pytest.mark.parametrize(
    ("text", "reason", "part"),
    [
        ("[Frozen goods]\npeas", Reason.HEADING, "[Frozen goods]"),
        ("2 leeks and cancel the candles", Reason.REFUSED, "cancel the candles"),
        ("rice: 2\ntea: none", Reason.REFUSED, "tea: none"),
        ("remove tea from my list", Reason.REFUSED, "remove tea from my list"),
        ("quick favour: 2 leeks", Reason.TALK, "quick favour"),
        ("2 leeks. Back at 6", Reason.TALK, "Back at 6"),
        ("2 leeks\ngate code 4432", Reason.ADDRESS, "gate code 4432"),
        ("I'll be home around 8. Leeks", Reason.TALK, "I'll be home around 8"),
        ("2 leeks\nKind regards", Reason.TALK, "Kind regards"),
        ("note that the gate is locked\n2 leeks", Reason.TALK, "note that the gate is locked"),
        ("Party on Sunday\n2 leeks", Reason.HEADING, "Party on Sunday"),
    ],
)
def test_sets_further_kinds_aside(text: str, reason: str, part: str) -> None:
    assert [(each.reason, text[slice(*each.span)]) for each in parse(text).set_aside] == [
        (reason, part)
    ]


def test_a_number_of_thousands_of_digits_is_no_rows() -> None:
    row = f"{'9' * 4_400} salt  3"

    assert parse(f"1  milk  2\n{row}").lines


def test_sets_the_fields_of_a_form_aside_and_reads_the_list() -> None:
    understood = parse("Date: Friday 3pm\nItems: 2 leeks, tea")

    assert [line.name for line in understood.lines] == ["leeks", "tea"]
    assert [each.reason for each in understood.set_aside[:2]] == [Reason.ADDRESS, Reason.ADDRESS]


def test_a_sum_before_a_number_is_the_price_of_each_in_a_list_of_prices() -> None:
    first, second, _ = parse("mint 50 x 3, salt 250, tea 300").lines

    assert (first.quantity, first.price) == (Decimal(3), "50")
    assert (second.quantity, second.price) == (Decimal(1), "250")
    (alone,) = parse("mint 50 x 3").lines
    assert not alone.price


def test_an_amount_of_what_was_mentioned_leaves_the_talk_before_it_aside() -> None:
    text = "I see you have milk. I want 2 pints"
    understood = parse(text)

    assert [text[slice(*each.span)] for each in understood.set_aside] == ["I see you have"]
    assert text[slice(*understood.lines[0].span)] == "milk. I want 2 pints"
