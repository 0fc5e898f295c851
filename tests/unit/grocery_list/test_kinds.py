"""Lists as shoppers write them, kind by kind: what docs/grocery-list.md says of each."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderflow.grocery_list.parser import parse
from orderflow.grocery_list.set_aside import Reason

# quantity, unit, name
Item = tuple[str, str, str]


def _items(text: str) -> list[Item]:
    return [(str(line.quantity), line.unit, line.name) for line in parse(text).lines]


def _set_aside(text: str) -> list[tuple[str, str]]:
    return [(part.reason, text[slice(*part.span)]) for part in parse(text).set_aside]


KINDS: list[tuple[str, list[Item]]] = [
    # Sizes times packs
    ("rice 500g x 2 packs", [("2", "package", "rice")]),
    ("Cowbell 12g x 20 roll", [("20", "roll", "Cowbell")]),
    ("water 1.5L x 6 bottles", [("6", "bottle", "water")]),
    ("coke 12 bottles x 50cl", [("12", "bottle", "coke")]),
    ("Indomie carton of 40 x 70g", [("1", "carton", "Indomie")]),
    ("St Louis sugar 500g, 2 packs", [("2", "package", "St Louis sugar")]),
    ("Dettol 500ml - 2", [("2", "", "Dettol")]),
    ("Omo 900g, Qty: 2", [("2", "", "Omo")]),
    ("beans 4 x 415g tins", [("4", "can", "beans")]),
    ("Indomie 120g - 1 carton", [("1", "carton", "Indomie")]),
    ("2 packs Eva water 75cl by 12", [("2", "package", "Eva water")]),
    ("Golden Morn 900g (3 packs)", [("3", "package", "Golden Morn")]),
    ("Three Crowns 380g tin x6", [("6", "can", "Three Crowns")]),
    ("wraps (8 pack)", [("8", "", "wraps")]),
    ("Indomie hungry man size 1 carton", [("1", "carton", "Indomie hungry man size")]),
    ("2 cartons of 70g indomie", [("2", "carton", "indomie")]),
    ("Semovita 1kg (10)", [("10", "", "Semovita")]),
    ("rice bag (50kg) - 2", [("2", "bag", "rice")]),
    ("milk tin (400g), 3", [("3", "can", "milk")]),
    ("pampers 5, 2 packs", [("2", "package", "pampers 5")]),
    ("tea bag (100g)", [("100", "gram", "tea bag")]),
    ("Indomie carton (40pcs) - 2", [("2", "carton", "Indomie")]),
    ("gala 50 pieces carton - 1", [("1", "carton", "gala")]),
    ("6 bottles crate coke", [("1", "crate", "coke")]),
    ("toilet roll 12 rolls, 2 packs", [("2", "package", "toilet roll")]),
    ("water 75cl pack of 12 x 3", [("36", "", "water")]),
    ("six pack of beer", [("6", "", "beer")]),
    ("2 six-packs of beer", [("12", "", "beer")]),
    ("12ct eggs", [("12", "", "eggs")]),
    # Money
    ("tomatoes 2k", [("1", "", "tomatoes")]),
    ("pepper N1,500", [("1", "", "pepper")]),
    ("#500 pepper", [("1", "", "pepper")]),
    ("bread 95p", [("1", "", "bread")]),
    ("rice 2 bags @ 450 each", [("2", "bag", "rice")]),
    ("fish for 1k", [("1", "", "fish")]),
    ("crayfish of 500", [("1", "", "crayfish")]),
    ("five hundred naira pepper", [("1", "", "pepper")]),
    ("goat 2kg at 45,000 each", [("2", "kilogram", "goat")]),
    ("beans 500", [("1", "", "beans")]),
    ("tomato (1500), onions (5 pieces 1000)", [("1", "", "tomato"), ("5", "piece", "onions")]),
    ("Cheese 7.99\n2 x Milk 3.30", [("1", "", "Cheese"), ("2", "", "Milk")]),
    ("tomatoes 2k\npepper 50", [("1", "", "tomatoes"), ("1", "", "pepper")]),
    ("curry and thyme 200 200", [("1", "", "curry"), ("1", "", "thyme")]),
    ("WD-40\n7up 2 bottles", [("1", "", "WD-40"), ("2", "bottle", "7up")]),
    ("2 leeks, cut into thin, even ribbons", [("2", "", "leeks")]),
    ("1 trout, gutted and covering", [("1", "", "trout")]),
    ("1 bunch coriander, leaves", [("1", "bunch", "coriander")]),
    ("tomato small small one 1000", [("1", "", "tomato")]),
    ("bananas $0.59/lb - 3 lbs", [("3", "pound", "bananas")]),
    ("Pampers 7,500 / wipes 1,800", [("1", "", "Pampers"), ("1", "", "wipes")]),
    ("potatoes 3,000 worth", [("1", "", "potatoes")]),
    ("take away plates 300", [("300", "", "take away plates")]),
    # Digits of names
    ("Peak milk 123", [("1", "", "Peak milk 123")]),
    ("WD-40", [("1", "", "WD-40")]),
    ("Nan 1", [("1", "", "Nan 1")]),
    ("SMA gold 2", [("1", "", "SMA gold 2")]),
    ("Lactogen 1, 2 tins", [("2", "can", "Lactogen 1")]),
    ("3 crown milk", [("1", "", "3 crown milk")]),
    # Preparations and alternatives
    ("2 lemons, juiced", [("2", "", "lemons")]),
    ("1 bunch asparagus, trimmed and cut", [("1", "bunch", "asparagus")]),
    (
        "2 boneless, skinless chicken thighs",
        [("2", "", "boneless, skinless chicken thighs")],
    ),
    ("butter, room temperature", [("1", "", "butter")]),
    ("Parmesan, to serve", [("1", "", "Parmesan")]),
    ("1 onion finely chopped", [("1", "", "onion")]),
    ("2 sprigs rosemary, needles finely chopped", [("2", "sprig", "rosemary")]),
    ("sardine, Titus if available otherwise Geisha", [("1", "", "sardine")]),
    ("fresh or frozen peas 1kg", [("1", "kilogram", "fresh or frozen peas")]),
    ("juice of 2 lemons", [("2", "", "lemons")]),
    ("225g/8oz plain flour", [("225", "gram", "plain flour")]),
    ("½ cup minus 1 tablespoon flour", [("0.5", "cup", "flour")]),
    ("garlic; finely minced (optional)", [("1", "", "garlic")]),
    ("1 onion; sliced bread", [("1", "", "onion"), ("1", "", "sliced bread")]),
    ("2 cups parsley leaves and tender stems", [("2", "cup", "parsley leaves and tender stems")]),
    ("1 lb. 4 oz. beef", [("1.25", "pound", "beef")]),
    ("1 cup plus 2 tablespoons olive oil", [("1.125", "cup", "olive oil")]),
    # Halves, dozens and ranges
    ("beef a kilo and half", [("1.5", "kilogram", "beef")]),
    ("1kg and a half of beef", [("1.5", "kilogram", "beef")]),
    ("one crate and half", [("1.5", "", "crate")]),
    ("dozen and a half eggs", [("18", "", "eggs")]),
    ("one and half dozen eggs", [("18", "", "eggs")]),
    ("eggs one and a half dozen", [("18", "", "eggs")]),
    ("1 / 2 cup milk", [("0.5", "cup", "milk")]),
    ("1/3rd cup milk", [("0.3333", "cup", "milk")]),
    ("4/5 onions", [("5", "", "onions")]),
    ("two-three onions", [("3", "", "onions")]),
    ("1-1/2 lb. pork", [("1.5", "pound", "pork")]),
    ("scant 2 tbsp honey", [("2", "tablespoon", "honey")]),
    ("3- to 4-pound chicken", [("4", "pound", "chicken")]),
    # Each
    ("2 each of onions and peppers", [("2", "", "onions"), ("2", "", "peppers")]),
    ("2 each: onions, peppers", [("2", "", "onions"), ("2", "", "peppers")]),
    ("rice & beans 5kg each", [("5", "kilogram", "rice"), ("5", "kilogram", "beans")]),
    ("milk, butter (2 each)", [("2", "", "milk"), ("2", "", "butter")]),
    ("1kg each: beef, goat meat", [("1", "kilogram", "beef"), ("1", "kilogram", "goat meat")]),
    ("2 each of red and green peppers", [("2", "", "red peppers"), ("2", "", "green peppers")]),
    ("one one derica of rice and beans", [("1", "derica", "rice"), ("1", "derica", "beans")]),
    # Talk, dictation, corrections
    ("Aunty pls when coming back buy suya", [("1", "", "suya")]),
    ("I wan buy garri 2 paint", [("2", "paint", "garri")]),
    ("write down four tins of milk then two yams", [("4", "can", "milk"), ("2", "", "yams")]),
    ("um milk comma uh two eggs full stop", [("1", "", "milk"), ("2", "", "eggs")]),
    ("get me two no wait three pints of milk", [("3", "pint", "milk")]),
    ("6 eggs sorry I meant 8 eggs", [("8", "", "eggs")]),
    ("2 bottles of wine actually make that three", [("3", "bottle", "wine")]),
    ("3 paint of garri\nsorry 2 paint of garri", [("2", "paint", "garri")]),
    ("2 kilos of beef sorry I meant goat meat", [("2", "kilogram", "goat meat")]),
    ("1 bag cement... sorry 1 bag rice", [("1", "bag", "rice")]),
    ("add eggs add bacon", [("1", "", "eggs"), ("1", "", "bacon")]),
    ("we need bread we need milk", [("1", "", "bread"), ("1", "", "milk")]),
    ("Hi darling, running late tonight! Also we're out of parmesan", [("1", "", "parmesan")]),
    ("When you get a min can you swing by the shop and get milk", [("1", "", "milk")]),
    ("salt, if you see fresh fish buy am join", [("1", "", "salt"), ("1", "", "fresh fish")]),
    ("Customer, you get malt? Give me 5 eggs", [("1", "", "malt"), ("5", "", "eggs")]),
    ("Send to Block 4, Jakande. Items: 3 packs semolina", [("3", "package", "semolina")]),
    ("1 bag of rice. I will be home from 2pm", [("1", "bag", "rice")]),
    ("una dey sell fresh fish? Add salt", [("1", "", "fresh fish"), ("1", "", "salt")]),
    ("pls arrange 5 litres red oil", [("5", "liter", "red oil")]),
    ("4 bags of cement no, 4 bags of rice", [("4", "bag", "rice")]),
    ("I need 5kg yam. And 2kg carrots", [("5", "kilogram", "yam"), ("2", "kilogram", "carrots")]),
    ("I wan cook jollof, so buy thyme", [("1", "", "thyme")]),
    ("Thanks for the lift! We need: bin bags, soap", [("1", "", "bin bags"), ("1", "", "soap")]),
    ("rosemary (dried is fine), salt", [("1", "", "rosemary"), ("1", "", "salt")]),
    ("salad cream one", [("1", "", "salad cream")]),
    ("spaghetti, if e no dey buy Dangote own", [("1", "", "spaghetti")]),
    ("5 litres oil with 2 packs of salt", [("5", "liter", "oil"), ("2", "package", "salt")]),
    ("do we need milk? if so 2 pints", [("2", "pint", "milk")]),
    ("nappies before 6pm", [("1", "", "nappies")]),
    ("tofu 2 blocks\n - firm", [("2", "block", "tofu")]),
    ("fish 2, wash it well", [("2", "", "fish")]),
    ("wrap it in foil, 2 chickens", [("2", "", "chickens")]),
    ("check the date on the milk. 2 milk", [("2", "", "milk")]),
    ("substitute with Geisha if no Titus. 3 sardines", [("3", "", "sardines")]),
    ("milk and bread. actually forget the bread", [("1", "", "milk")]),
    ("milk, bread, eggs. skip the eggs", [("1", "", "milk"), ("1", "", "bread")]),
    ("Tesco\nbread\nmilk", [("1", "", "bread"), ("1", "", "milk")]),
    ("Fruit & veg: apples (6)", [("6", "", "apples")]),
    ("rice and beans: 5kg each", [("5", "kilogram", "rice"), ("5", "kilogram", "beans")]),
    ("rice 5kg\nDelivery on or before 3rd December.", [("5", "kilogram", "rice")]),
    ("dhaniya 1 gaddi", [("1", "bunch", "dhaniya")]),
    # Sums of what follows them
    ("two breads please, one white one brown", [
        ("1", "", "white breads"),
        ("1", "", "brown breads"),
    ]),
    ("3 juice: 2 orange, 1 apple", [("2", "", "orange juice"), ("1", "", "apple juice")]),
    ("3 drinks: 2 coke, 1 fanta", [("2", "", "coke"), ("1", "", "fanta")]),
    ("3kg meat: 2kg beef, 1kg goat", [("2", "kilogram", "beef"), ("1", "kilogram", "goat")]),
    ("5 apples, 3 pears, 2 plums", [("5", "", "apples"), ("3", "", "pears"), ("2", "", "plums")]),
    ("4 apples: 3 pears, 2 plums", [("4", "", "apples"), ("3", "", "pears"), ("2", "", "plums")]),
    ("3 eggs:\n2 milk\n1 bread", [("3", "", "eggs"), ("2", "", "milk"), ("1", "", "bread")]),
    # Counts before and behind prices without a sign
    ("rice 1 75000\nbeans 2 40000", [("1", "", "rice"), ("2", "", "beans")]),
    ("1. Rice 2 75000\n2. Beans 1 40000", [("2", "", "Rice"), ("1", "", "Beans")]),
    ("chicken 2 8500 each", [("2", "", "chicken")]),
    ("sugar half 600", [("0.5", "", "sugar")]),
    ("bread x2 1600", [("2", "", "bread")]),
    ("Milk 2 450 900", [("2", "", "Milk")]),
    ("tomato 5 1000 pepper 10 500 onion 3 300", [
        ("5", "", "tomato"),
        ("10", "", "pepper"),
        ("3", "", "onion"),
    ]),
    ("Milk 2 * 450 = 900", [("2", "", "Milk")]),
    ("indomie 2 ctns 9,800 x 2 = 19,600", [("2", "carton", "indomie")]),
    ("eggs 1 crate 5,500 x 2", [("2", "", "eggs")]),
    ("rice 2 bags x 75,000", [("2", "bag", "rice")]),
    ("soap 3 x 250 each", [("3", "", "soap")]),
    ("soap 3pcs x 250", [("3", "piece", "soap")]),
    ("soap 250 x 4", [("4", "", "soap")]),
    ("coke 6 x 1.50", [("6", "", "coke")]),
    ("chips 2.50 x2", [("2", "", "chips")]),
    ("plates 100 x 3", [("300", "", "plates")]),
    ("milk 6 x 200ml", [("1200", "milliliter", "milk")]),
    ("Peak 456 400g", [("400", "gram", "Peak 456")]),
    ("Corona 12x330", [("12", "", "Corona")]),
    ("Stella 660 x 6", [("6", "", "Stella")]),
    # Things and amounts that only blanks separate
    ("Onion-1kg Toor dal-2kg Ginger-100gm", [
        ("1", "kilogram", "Onion"),
        ("2", "kilogram", "Toor dal"),
        ("100", "gram", "Ginger"),
    ]),
    ("onion: 1kg potato: 2kg", [("1", "kilogram", "onion"), ("2", "kilogram", "potato")]),
    ("Rice(5kg) Beans(2kg)", [("5", "kilogram", "Rice"), ("2", "kilogram", "Beans")]),
    ("milk2 bread1 eggs12", [("2", "", "milk"), ("1", "", "bread"), ("12", "", "eggs")]),
    ("milk - 2 eggs - 3 rolls", [("1", "", "milk"), ("2", "", "eggs"), ("3", "", "rolls")]),
    # Sums of further currencies
    ("Clover milk 2L R34.99 x 2", [("4", "liter", "Clover milk")]),
    ("bread R15.99", [("1", "", "bread")]),
    ("20gh tomatoes", [("1", "", "tomatoes")]),
    ("NGN1000 maggi", [("1", "", "maggi")]),
    ("sugar 1 pkt ₦ 1 200", [("1", "package", "sugar")]),
    # Names with numbers
    ("2 ply toilet roll 12", [("12", "", "2 ply toilet roll")]),
    ("Nescafe 3in1 sachet x 10", [("10", "sachet", "Nescafe 3in1")]),
    ("7 Days croissant 5", [("5", "", "7 Days croissant")]),
    ("1664 beer 6", [("6", "", "1664 beer")]),
    ("1500 plates", [("1500", "", "plates")]),
    ("12 grain bread 1 loaf", [("1", "loaf", "12 grain bread")]),
    # Numbers of times, places and codes, and sums
    ("rice 5kg by 28 Nov", [("5", "kilogram", "rice")]),
    ("2026-11-28 rice 5kg", [("5", "kilogram", "rice")]),
    ("on 5/12 I need 3 chickens", [("3", "", "chickens")]),
    ("Nov 28 - rice 5kg", [("5", "kilogram", "rice")]),
    ("5pm 12 eggs", [("12", "", "eggs")]),
    ("I need 6 eggs at 7 tomorrow", [("6", "", "eggs")]),
    ("rice 5kg, block 4 flat 9, 10 am", [("5", "kilogram", "rice")]),
    ("Bring eggs to gate 7, before 8", [("1", "", "eggs")]),
    ("2 milk to room 204", [("2", "", "milk")]),
    ("eggs x12 house 5", [("12", "", "eggs")]),
    ("block 5: 3 bread", [("3", "", "bread")]),
    ("PIN 4521. eggs x12", [("12", "", "eggs")]),
    ("gate code 4455, 3 bread", [("3", "", "bread")]),
    ("order no 4521: 2 bread", [("2", "", "bread")]),
    ("I have 5000: rice, beans", [("1", "", "rice"), ("1", "", "beans")]),
    ("oil 3,200 2L", [("2", "liter", "oil")]),
    ("garri 1500 (2 paint)", [("2", "paint", "garri")]),
    ("pay on delivery. 2 bread", [("2", "", "bread")]),
    # Headings and tables
    ("Breakfast\noats\nDinner\ntofu", [("1", "", "oats"), ("1", "", "tofu")]),
    ("Aisle 4\n- soap\nAisle 5\n- milk", [("1", "", "soap"), ("1", "", "milk")]),
    ("Item\tQty\nMilk\t2", [("2", "", "Milk")]),
    ("No. | Item | Qty\n1 | Flour | 2kg\n2 | Eggs | 12", [
        ("2", "kilogram", "Flour"),
        ("12", "", "Eggs"),
    ]),
    # Without separators
    ("milk eggs bread", [("1", "", "milk"), ("1", "", "eggs"), ("1", "", "bread")]),
    ("egusi ogbono palm oil salt", [
        ("1", "", "egusi"),
        ("1", "", "ogbono"),
        ("1", "", "palm oil"),
        ("1", "", "salt"),
    ]),
    ("a loaf of bread half a dozen eggs some butter", [
        ("1", "loaf", "bread"),
        ("6", "", "eggs"),
        ("1", "", "butter"),
    ]),
    ("coffee / tea / sugar", [("1", "", "coffee"), ("1", "", "tea"), ("1", "", "sugar")]),
    ("grapes a pineapple 4 kiwis", [
        ("1", "", "grapes"),
        ("1", "", "pineapple"),
        ("4", "", "kiwis"),
    ]),
    ("mince 500g carrots 4 noodles 2 packs soy sauce", [
        ("500", "gram", "mince"),
        ("4", "", "carrots"),
        ("2", "package", "noodles"),
        ("1", "", "soy sauce"),
    ]),
    ("tea coffee sugar biscuits", [
        ("1", "", "tea"),
        ("1", "", "coffee"),
        ("1", "", "sugar"),
        ("1", "", "biscuits"),
    ]),
    ("indomie onion chicken 1 carton", [("1", "carton", "indomie onion chicken")]),
    # Measures
    ("2 tinz beans", [("2", "can", "beans")]),
    ("5kgg rice", [("5", "kilogram", "rice")]),
    ("rice5kg", [("5", "kilogram", "rice")]),
    ("3 tims of milk", [("3", "can", "milk")]),
    ("garri 5 cigar cups", [("5", "cup", "garri")]),
    ("10 no of eggs", [("10", "piece", "eggs")]),
    ("2 custard rubber rice", [("2", "paint", "rice")]),
    ("pound macaroni", [("1", "pound", "macaroni")]),
    ("2 close up toothpaste", [("2", "", "close up toothpaste")]),
    # ... as other people's recipes have them
    ("&frac12; cup cheese", [("0.5", "cup", "cheese")]),
    ("1&frac34; cups flour", [("1.75", "cup", "flour")]),
    ("1 fl. ounce vanilla", [("1", "fluid ounce", "vanilla")]),
    ("2 med. eggs", [("2", "", "eggs")]),
    ("~1 cup (~240 ml) oil", [("1", "cup", "oil")]),
    ("2⁓3 tbsp honey", [("3", "tablespoon", "honey")]),  # noqa: RUF001
    ("2 tbsp or so honey", [("2", "tablespoon", "honey")]),
    ("4 x 150g/5oz halibut steaks", [("600", "gram", "halibut steaks")]),
    ("Two 18-ounce char fillets, skin on", [("2", "", "char fillets")]),
    ("1 cup, 2 tbsp oil", [("1.125", "cup", "oil")]),
    ("1 cup + 2 tbsp + 1 tsp oil", [("55", "teaspoon", "oil")]),
    ("150g | 1 cup sugar", [("150", "gram", "sugar")]),
    ("1 cup (2 sticks) butter", [("1", "cup", "butter")]),
    ("approx. 1 cup oil", [("1", "cup", "oil")]),
    ("2 rounded tbsp. cornstarch", [("2", "tablespoon", "cornstarch")]),
    ("water (100°F)", [("1", "", "water")]),
    ("2 whole cloves", [("2", "", "whole cloves")]),
    ("1 pomegranate, fleshy seeds only", [("1", "", "pomegranate")]),
    ("4 prawns, heads and shells intact", [("4", "", "prawns")]),
    ("tomatoes, plus their juices", [("1", "", "tomatoes")]),
    ("3 garlic cloves", [("3", "clove", "garlic")]),
    ("4 fresh thyme sprigs", [("4", "sprig", "fresh thyme")]),
    ("2 cups confectioners' sugar", [("2", "cup", "confectioners' sugar")]),
    ("6 bone-in, skin-on, free-range chicken thighs", [
        ("6", "", "bone-in, skin-on, free-range chicken thighs"),
    ]),
    ("3 ripe but firm bananas, peeled", [("3", "", "ripe but firm bananas")]),
    ("2 ears corn, shucked, silk removed", [("2", "ear", "corn")]),
    ("3 eggs, well-beaten", [("3", "", "eggs")]),
    ("2 carrots, sliced ½ inch thick", [("2", "", "carrots")]),
    ("1 lemon, zest and juice", [("1", "", "lemon")]),
    ("2 leeks, cut into long, thin strips", [("2", "", "leeks")]),
    ("oil for frying, plus 1 tbsp for drizzling", [("1", "", "oil")]),
    ("2 grapefruits\nrice, recipe follows", [("2", "", "grapefruits"), ("1", "", "rice")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "items"), KINDS)
def test_reads_what_is_meant(text: str, items: list[Item]) -> None:
    assert _items(text) == items


SET_ASIDE: list[tuple[str, list[tuple[str, str]]]] = [
    ("milk, no onions\nno eggs", [(Reason.REFUSED, "no eggs")]),
    ("bread\ndon't bring crisps", [(Reason.REFUSED, "don't bring crisps")]),
    ("we don't need eggs\nbread", [(Reason.REFUSED, "don't need eggs")]),
    ("~milk~\neggs", [(Reason.STRUCK_OUT, "~milk~")]),
    ("eggs\nSent from my iPhone", [(Reason.TALK, "Sent from my iPhone")]),
    ("eggs. My phone is dying", [(Reason.TALK, "My phone is dying")]),
    ("eggs\nDeliver to 14 Adeola Street", [(Reason.ADDRESS, "Deliver to 14 Adeola Street")]),
    ("eggs, got 2 pints in the fridge", [(Reason.TALK, "got 2 pints in the fridge")]),
    (
        "Saturday BBQ - 12 people coming\nsalad",
        [
            (Reason.TALK, "Saturday BBQ"),
            (Reason.TALK, "12 people coming"),
        ],
    ),
    (
        "NEED:\nrice\nGOT:\nonions",
        [
            (Reason.HEADING, "NEED"),
            (Reason.HEADING, "GOT"),
            (Reason.REFUSED, "onions"),
        ],
    ),
    ("eggs\ndinner is at 7", [(Reason.TALK, "dinner is at 7")]),
    ("eggs\nKindly send account details", [(Reason.TALK, "Kindly send account details")]),
    ("eggs\nKeke fare - 800", [(Reason.MONEY, "Keke fare"), (Reason.MONEY, "800")]),
    ("eggs, don't think we need milk", [(Reason.REFUSED, "don't think we need milk")]),
    ("eggs\nCall me on 08031234567", [(Reason.ADDRESS, "Call me on 08031234567")]),
    ("I have 10k. eggs", [(Reason.MONEY, "I have 10k")]),
    ("eggs £2\nTotal £2", [(Reason.MONEY, "Total £2")]),
    ("SNACKS\ngala", [(Reason.HEADING, "SNACKS")]),
    ("eggs, toilet roll x 1000000", [(Reason.IMPOSSIBLE, "toilet roll x 1000000")]),
    ("0 eggs\nbread", [(Reason.IMPOSSIBLE, "0 eggs")]),
    ("eggs - 0\nbread - 1", [(Reason.IMPOSSIBLE, "eggs - 0")]),
    ("eggs: 0 crates\nbread: 1", [(Reason.IMPOSSIBLE, "eggs: 0 crates")]),
    ("eggs, 0\nbread, 1", [(Reason.IMPOSSIBLE, "eggs, 0")]),
    ("eggs 0\nbread 1", [(Reason.IMPOSSIBLE, "eggs 0")]),
    ("0 x eggs\nbread", [(Reason.IMPOSSIBLE, "0 x eggs")]),
    ("eggs (0)\nbread (1)", [(Reason.REFUSED, "eggs (0)")]),
    ("eggs - no\nbread - yes", [(Reason.REFUSED, "eggs - no")]),
    ("eggs: zero\nbread: 1", [(Reason.REFUSED, "eggs: zero")]),
    ("eggs no\nbread", [(Reason.REFUSED, "eggs no")]),
    ("eggs (got some)\nbread", [(Reason.REFUSED, "eggs (got some)")]),
    ("eggs? No.\nbread? Yes, 2.", [(Reason.REFUSED, "eggs? No")]),
    (
        "Do we need eggs? no. Bread? yes, 2",
        [(Reason.TALK, "Do we need"), (Reason.REFUSED, "eggs? no")],
    ),
]


@pytest.mark.parametrize("text", ["coke zero", "flour type 0", "nappies size 0", "00 flour"])
def test_zeros_of_names_are_no_amounts(text: str) -> None:
    assert [line.name for line in parse(text).lines] == [text]


@pytest.mark.parametrize("text", [text for text, _ in SET_ASIDE if text.startswith(("eggs", "0 "))])
def test_nothing_that_is_set_aside_is_bought(text: str) -> None:
    bought = [line.text for line in parse(text).lines]

    assert not [
        part for _, part in _set_aside(text) if any(part in line or line in part for line in bought)
    ]


@pytest.mark.parametrize(("text", "parts"), SET_ASIDE)
def test_says_what_is_not_bought_and_why(text: str, parts: list[tuple[str, str]]) -> None:
    assert _set_aside(text) == parts
    assert {part.span for part in parse(text).set_aside} <= set(parse(text).not_understood)


def test_an_amount_of_each_of_nothing_is_not_understood() -> None:
    text = "2 each: 3 each: milk"
    parsed = parse(text)

    assert [text[slice(*span)] for span in parsed.not_understood] == ["2 each"]
    assert [(line.quantity, line.name) for line in parsed.lines] == [(3, "milk")]


def test_the_size_of_a_pack_is_known() -> None:
    (line,) = parse("Indomie 70g x 10 packs").lines

    assert (line.size_quantity, line.size_unit, line.notes) == (Decimal(70), "gram", ("70g",))


@pytest.mark.parametrize(
    ("text", "price", "kobo", "currency"),
    [
        ("beans 500", "500", 50_000, "NGN"),
        ("tomatoes 2.5k", "2.5k", 250_000, "NGN"),
        ("rice 2 bags at 45,000 each", "45,000 each", 4_500_000, "NGN"),
        ("five hundred naira pepper", "five hundred naira", 50_000, "NGN"),
        ("sugar #900", "#900", 90_000, "NGN"),
        ("cheese 7.99", "7.99", 799, "NGN"),
        ("bread £1.20", "£1.20", None, "GBP"),
        ("milk 95p", "95p", None, "GBP"),
        ("milk $4", "$4", None, "USD"),
        ("milk 4 dollars", "4 dollars", None, "USD"),
        ("milk €2", "€2", None, "EUR"),
        ("milk GHS 20", "GHS 20", None, "GHS"),
        ("milk NGN 1,500", "NGN 1,500", 150_000, "NGN"),
        ("bread", "", None, ""),
    ],
)
def test_a_price_is_a_note_with_its_currency_and_in_kobo_where_it_is_in_naira(
    text: str, price: str, kobo: int | None, currency: str
) -> None:
    (line,) = parse(text).lines

    assert (line.price, line.price_kobo, line.price_currency) == (price, kobo, currency)
    assert not price or price in line.notes


@pytest.mark.parametrize(
    ("text", "currencies"),
    [
        ("milk £1.20\ncheese 7.99", ["GBP", "GBP"]),
        ("milk £1.20\ncheese $7.99\nbread 2.50", ["GBP", "USD", "NGN"]),
    ],
)
def test_a_price_without_a_currency_is_in_the_one_that_the_list_names(
    text: str, currencies: list[str]
) -> None:
    lines = parse(text).lines

    assert [line.price_currency for line in lines] == currencies
    assert all((line.price_kobo is not None) == (line.price_currency == "NGN") for line in lines)
