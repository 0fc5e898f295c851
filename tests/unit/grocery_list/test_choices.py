"""What lists count with "no", cancel, put in place of another thing, or break down."""

from __future__ import annotations

import pytest

from orderflow.grocery_list.parser import parse

# quantity, unit, name
Item = tuple[str, str, str]


def _items(text: str) -> list[Item]:
    return [(str(line.quantity), line.unit, line.name) for line in parse(text).lines]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("coconut - 1 No, curd - 2 Nos", [("1", "piece", "coconut"), ("2", "piece", "curd")]),
        ("butter 1no", [("1", "piece", "butter")]),
        ("2no milk", [("2", "piece", "milk")]),
        ("2 no milk", [("2", "piece", "milk")]),
        ("milk - 2no.", [("2", "piece", "milk")]),
        ("eggs (6 no)", [("6", "piece", "eggs")]),
        ("10 no. of eggs", [("10", "piece", "eggs")]),
        ("lime 4 no., curd 1", [("4", "piece", "lime"), ("1", "", "curd")]),
        ("No. 1 rice 5kg", [("5", "kilogram", "No. 1 rice")]),
        ("2 bags no. 1 rice", [("2", "bag", "no. 1 rice")]),
        ("No 7 day cream 2", [("2", "", "No 7 day cream")]),
        ("no. 2 pencils", [("1", "", "no. 2 pencils")]),
        ("no sugar coke 6", [("6", "", "no sugar coke")]),
        ("no added sugar squash 2", [("2", "", "no added sugar squash")]),
        ("no substitutions on milk 2L", [("2", "liter", "milk")]),
    ],
)
def test_a_no_that_counts_or_names_refuses_nothing(text: str, items: list[Item]) -> None:
    assert _items(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("eggs - no", []),
        ("eggs 6 - no", []),
        ("no 2kg rice", []),
        ("no 2 eggs", []),
        ("no sugar, milk 2", [("2", "", "milk")]),
        ("milk 2 no sugar", [("2", "", "milk")]),
        ("squash, no added sugar", [("1", "", "squash")]),
        ("Milk? No. 3 eggs", [("1", "", "Milk")]),
        ("apples 2 no, 3", [("3", "", "apples")]),
        ("2 no, 3 pints of milk", [("3", "pint", "milk")]),
        ("No 5 Allen Avenue\nmilk", [("1", "", "milk")]),
    ],
)
def test_any_other_no_refuses_or_corrects(text: str, items: list[Item]) -> None:
    assert _items(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Please cancel the 2 milk and add 3 yoghurt", [("3", "", "yoghurt")]),
        ("kindly cancel 3 tins of milk and send 2 sugar", [("2", "", "sugar")]),
        ("can you cancel the 3 tins of milk", []),
        ("milk 2, bread 1, please cancel the milk", [("1", "", "bread")]),
        ("rice, beans. Can you cancel the rice and 2 beans", []),
        ("Please cancel the rice and beans", []),
        ("eggs, tea\nremove the eggs from my list", [("1", "", "tea")]),
        ("no longer need 2 eggs", []),
        ("we no longer need milk. bread 2", [("2", "", "bread")]),
        ("Milk x2 - cancelled", []),
        ("milk 2 CANCELLED", []),
        ("cancelled: milk 2", []),
        ("Rice 5kg - remove", []),
        ("Rice 5kg - out of stock, skip", []),
        ("milk 2, skip", []),
        ("milk (done)", []),
        ("milk - done", []),
        ("steak, well done", [("1", "", "steak")]),
        ("don't forget the milk", [("1", "", "milk")]),
        ("tomatoes, eggs cancel the eggs bread", [("1", "", "tomatoes"), ("1", "", "bread")]),
    ],
)
def test_what_is_cancelled_is_not_bought(text: str, items: list[Item]) -> None:
    assert _items(text) == items


def test_every_thing_that_is_cancelled_is_reported_with_what_is_said_of_it() -> None:
    text = "please remove tea and rice from my list"
    refused = [text[slice(*part.span)] for part in parse(text).set_aside]

    assert refused == ["remove tea", "and rice from my list"]


YAM = ("3", "tuber", "yam")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "Mama's Pride rice 10kg but if e no dey, buy Royal Stallion 10kg",
            [("10", "kilogram", "Mama's Pride rice")],
        ),
        (
            "garri ijebu 2 paint, if you no see am, buy yellow garri 2 paint",
            [("2", "paint", "garri ijebu")],
        ),
        ("yam 3 tubers if no yam, irish potato 1 paint", [YAM]),
        ("yam 3 tubers\nIf no yam, irish potato 1 paint", [YAM]),
        ("yam 3 tubers, if no yam, irish potato, rice 5kg", [YAM, ("5", "kilogram", "rice")]),
        ("yam 3 tubers if no oranges", [YAM]),
        ("1kg chicken, or if finished, 1kg turkey", [("1", "kilogram", "chicken")]),
        ("milk 2 if they are out get oat milk", [("2", "", "milk")]),
        ("milk 2, if it's out of stock, oat milk", [("2", "", "milk")]),
        ("milk if you no see peak, buy dano. rice 2", [("1", "", "milk"), ("2", "", "rice")]),
        (
            "milk 2, if no Lipton then any tea, custard",
            [("2", "", "milk"), ("1", "", "Lipton"), ("1", "", "custard")],
        ),
        ("Salmon 4 fillets - sub: trout 4 fillets", [("4", "fillet", "Salmon")]),
        ("bread - alternatively, rolls", [("1", "", "bread")]),
        ("if you can't find kale get spinach", [("1", "", "kale")]),
        ("if no titus, geisha. 3 sardines", [("1", "", "titus"), ("3", "", "sardines")]),
        ("rather than butter, margarine", [("1", "", "margarine")]),
        ("rather than butter get margarine 2", [("2", "", "margarine")]),
        ("if it's not too expensive, 2 salmon", [("2", "", "salmon")]),
        ("if you haven't left yet, add 3 eggs", [("3", "", "eggs")]),
        ("if e no cost, buy 2 snail", [("2", "", "snail")]),
        ("if there is no milk, buy 2", [("2", "", "milk")]),
    ],
)
def test_of_a_thing_and_what_is_bought_for_want_of_it_one_is_bought(
    text: str, items: list[Item]
) -> None:
    assert _items(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "4 yoghurts, 2 strawberry and 2 plain",
            [("2", "", "strawberry yoghurts"), ("2", "", "plain yoghurts")],
        ),
        (
            "3 pizzas - 2 pepperoni and 1 margherita",
            [("2", "", "pepperoni pizzas"), ("1", "", "margherita pizzas")],
        ),
        (
            "4 tins soup, 2 tomato 2 chicken",
            [("2", "can", "tomato soup"), ("2", "can", "chicken soup")],
        ),
        (
            "2 tubs ice cream one vanilla one chocolate",
            [("1", "tub", "vanilla ice cream"), ("1", "tub", "chocolate ice cream")],
        ),
        (
            "6 cans of soup: 3 tomato, 2 mushroom, 1 veg",
            [
                ("3", "can", "tomato soup"),
                ("2", "can", "mushroom soup"),
                ("1", "can", "veg soup"),
            ],
        ),
        (
            "indomie 10: 5 chicken, 5 onion",
            [("5", "", "chicken indomie"), ("5", "", "onion indomie")],
        ),
        ("3 drinks: 2 coke, 1 water", [("2", "", "coke"), ("1", "", "water")]),
        (
            "peppers: 2 red, 3 green\nmilk: 2",
            [("2", "", "red peppers"), ("3", "", "green peppers"), ("2", "", "milk")],
        ),
        ("bread: 2 white; eggs: 6 large", [("2", "", "white bread"), ("6", "", "large eggs")]),
        ("Soup: 3 tomatoes, 2 onions", [("3", "", "tomatoes"), ("2", "", "onions")]),
    ],
)
def test_the_parts_of_a_sum_get_its_noun_and_unit(text: str, items: list[Item]) -> None:
    assert _items(text) == items


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("5 apples, 3 pears, 2 plums", 3),
        ("5 yoghurts, 3 milk, 2 bread", 3),
        ("4 yoghurt, 2 banana, 2 mango", 3),
        ("5 soups, 3 carrots, 2 onions", 3),
        ("2 juices, 1 apple, 1 orange", 3),
        ("- 3 pizza - 2 bread - 1 egg", 3),
    ],
)
def test_things_that_only_happen_to_add_up_stay_apart(text: str, count: int) -> None:
    assert len(_items(text)) == count
