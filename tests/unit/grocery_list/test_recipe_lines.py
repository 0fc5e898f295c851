"""Lines as recipes have them, in which much is said of one thing: docs/grocery-list.md."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderflow.grocery_list.parser import parse

# quantity, unit, name
Item = tuple[str, str, str]

ONE_ITEM: list[tuple[str, Item, list[str]]] = [
    # An amount said twice, with the full stops of abbreviations
    ("20 g. / 3/4 oz. yeast", ("20", "gram", "yeast"), ["3/4 oz"]),
    ("20 g./0.7 oz. yeast", ("20", "gram", "yeast"), ["0.7 oz"]),
    ("2 oz. /57 g. yeast", ("2", "ounce", "yeast"), ["57 g"]),
    ("50 g. / 1 & 3/4 oz. yeast", ("50", "gram", "yeast"), ["1 & 3/4 oz"]),
    ("2 lb.veal", ("2", "pound", "veal"), []),
    # Descriptions before the comma, an amount in brackets behind the name
    (
        "6 bone-in, skin-on duck legs (about 3 lb)",
        ("6", "", "bone-in, skin-on duck legs"),
        ["about 3 lb"],
    ),
    # What was done, behind the name
    ("2 leeks trimmed and halved", ("2", "", "leeks"), ["trimmed and halved"]),
    ("2 leeks trimmed and thinly sliced", ("2", "", "leeks"), ["trimmed and thinly sliced"]),
    ("80g pecans chopped roughly", ("80", "gram", "pecans"), ["chopped roughly"]),
    (
        "6 mint leaves, stacked atop one another",
        ("6", "", "mint leaves"),
        ["stacked atop one another"],
    ),
    ("9 prawns, head-on and tail-on", ("9", "", "prawns"), ["head-on", "tail-on"]),
    ("3 crabs, meat removed from the claws", ("3", "", "crabs"), ["meat removed from the claws"]),
    # ... and with what
    (
        "1 tsp cumin, lightly crushed in a mortar and pestle",
        ("1", "teaspoon", "cumin"),
        ["lightly crushed in a mortar", "pestle"],
    ),
    ("1 lb veal trimmed of fat and tendons", ("1", "pound", "veal"), ["trimmed of fat", "tendons"]),
    (
        "4 cloves garlic, mashed to a paste with a fork",
        ("4", "clove", "garlic"),
        ["mashed to a paste with a fork"],
    ),
    ("flour for dusting and rolling", ("1", "", "flour"), ["for dusting", "rolling"]),
    # Dimensions, ages, sizes, cuts, amounts that are left over
    ("6 sheets filo, 30x20cm/12x8in each", ("6", "sheet", "filo"), ["30x20cm/12x8in"]),
    ("1 steak, 1½-inch-thick", ("1", "", "steak"), ["1½-inch-thick"]),
    ("3-cm knob (12g) ginger", ("1", "knob", "ginger"), ["3-cm", "12g"]),
    ("½-inch piece (12g) ginger", ("1", "piece", "ginger"), ["½-inch", "12g"]),
    ("9 slices bread, 2-3 days old", ("9", "slice", "bread"), ["2-3 days old"]),
    ("1 tbsp salt, heaping", ("1", "tablespoon", "salt"), ["heaping"]),
    ("2 tbsp basil, chiffonade", ("2", "tablespoon", "basil"), ["chiffonade"]),
    (
        "1 lb penne, 1 cup pasta water reserved",
        ("1", "pound", "penne"),
        ["1 cup pasta water reserved"],
    ),
    ("9 chillies, 3 with seeds removed", ("9", "", "chillies"), ["3 with seeds removed"]),
    ("4 eggs, 1 beaten for egg wash", ("4", "", "eggs"), ["1 beaten for egg wash"]),
    ("½ lime, 2 strips pared zest only", ("0.5", "", "lime"), ["2 strips pared zest"]),
    ("1 firmly packed cup mint", ("1", "cup", "mint"), ["firmly", "packed"]),
    ("2 batches of pancake mix", ("2", "batch", "pancake mix"), []),
    # Alternatives
    (
        "300 ml corn, sunflower or olive oil",
        ("300", "milliliter", "corn oil"),
        ["sunflower or olive oil"],
    ),
    (
        "2 oz milk, dark or bitter chocolate",
        ("2", "ounce", "milk chocolate"),
        ["dark or bitter chocolate"],
    ),
    (
        "1 cup cream, or ½ cup milk and ½ cup butter",
        ("1", "cup", "cream"),
        ["or ½ cup milk", "½ cup butter"],
    ),
    (
        "9 peppers, or a mixture of red, green, and yellow peppers",
        ("9", "", "peppers"),
        ["or a mixture of red", "green", "yellow peppers"],
    ),
    (
        "2 lb beef or 6 to 8 boneless, skinless turkey thighs",
        ("2", "pound", "beef"),
        ["or 6 to 8 boneless", "skinless turkey thighs"],
    ),
    (
        "½ cup plain yogurt (any) or well drained kefir",
        ("0.5", "cup", "plain yogurt"),
        ["or well drained kefir", "any"],
    ),
    # Lengths of pieces, what is said before a unit, what is taken of a thing
    ("4cm/1½in piece root ginger", ("1", "piece", "root ginger"), ["4cm/1½in"]),
    ("3 inch / 7 cm piece of cassia", ("1", "piece", "cassia"), ["3 inch / 7 cm"]),
    ("3 6cm/2½in pieces cassia", ("3", "piece", "cassia"), ["6cm/2½in"]),
    ("4 peeled cloves garlic", ("4", "clove", "garlic"), ["peeled"]),
    ("Kernels from 3 ears corn", ("3", "ear", "corn"), ["Kernels from"]),
    ("1 stick + 3 tablespoons butter", ("1", "stick", "butter"), ["3 tablespoons"]),
    ("2 tsp 12-year aged vinegar", ("2", "teaspoon", "12-year aged vinegar"), []),
    ("3 c stone ground whole rye flour", ("3", "cup", "stone ground whole rye flour"), []),
    ("1 lb white- or yellow-skinned yams", ("1", "pound", "white- or yellow-skinned yams"), []),
    # Where to look, what is made of it, how warm it is
    ("1 tbsp salt, see notes below", ("1", "tablespoon", "salt"), ["see notes below"]),
    ("5 eggs, room temp", ("5", "", "eggs"), ["room temp"]),
    ("1 stock cube, made up to 300ml", ("1", "", "stock cube"), ["made up to 300ml"]),
    (
        "2 onions, sliced 1/4-inch thick (3 if small)",
        ("2", "", "onions"),
        ["sliced 1/4-inch thick", "3 if small"],
    ),
    ("to taste pepper", ("1", "", "pepper"), ["to taste"]),
    # Sentences in brackets
    (
        "3 tbsp sugar (You can use honey. I do, sometimes.)",
        ("3", "tablespoon", "sugar"),
        ["You can use honey. I do, sometimes."],
    ),
    (
        "Fresh herbs (for the top (mint, or your favourite))",
        ("1", "", "Fresh herbs"),
        ["for the top (mint, or your favourite)"],
    ),
    ("2-3 — tablespoons lime juice", ("3", "tablespoon", "lime juice"), []),
    ("Three 1-inch-thick veal steaks", ("3", "", "veal steaks"), ["1-inch-thick"]),
    (
        "3 chillies with a little extra brine",
        ("3", "", "chillies with a little extra brine"),
        [],
    ),
    ("1 cup grated cheddar + ½ cup cheddar", ("1", "cup", "grated cheddar"), ["½ cup cheddar"]),
    ("200 g milk, whole or 2%", ("200", "gram", "milk"), ["whole or 2%"]),
    ("pepper, adjust to taste", ("1", "", "pepper"), ["adjust to taste"]),
    # Extracts, what keeps it together, how long it took, what it is like
    ("1 lime, juice and zest", ("1", "", "lime"), ["juice and zest"]),
    ("2 limes, juice and finely grated zest", ("2", "", "limes"), ["juice and finely grated zest"]),
    ("juice and grated rind of 2 limes", ("2", "", "limes"), ["juice and grated rind of"]),
    ("½ tsp sage, tied in muslin", ("0.5", "teaspoon", "sage"), ["tied in muslin"]),
    ("1 cup cashews, soaked 40 minutes", ("1", "cup", "cashews"), ["soaked 40 minutes"]),
    ("2 slices ham, cooked crisp", ("2", "slice", "ham"), ["cooked crisp"]),
    ("2 duck legs, ready to roast", ("2", "", "duck legs"), ["ready to roast"]),
    (
        "1 squash, cut into 2cm/1in x 3cm/1½in cubes",
        ("1", "", "squash"),
        ["cut into 2cm/1in x 3cm/1½in cubes"],
    ),
    ("2 tbsp sage, mint, and/or thyme", ("2", "tablespoon", "sage"), ["mint", "and/or thyme"]),
    ("3 tbsp mango lime salsa", ("3", "tablespoon", "mango lime salsa"), []),
    ("2 cups whole wheat pastry flour", ("2", "cup", "whole wheat pastry flour"), []),
    # A size in brackets before its pack, a remark before the name
    ("(28-oz) can chickpeas", ("1", "can", "chickpeas"), ["28-oz"]),
    ("2 env. yeast", ("2", "envelope", "yeast"), []),
    ("2 tablespoons, or more, lime juice", ("2", "tablespoon", "lime juice"), ["or more"]),
    # Two packs, sizes without a number, rashers
    ("2 (330 ml) cans or bottles ale", ("2", "can", "ale"), ["or bottles", "330 ml"]),
    ("thumb-size piece turmeric", ("1", "piece", "turmeric"), ["thumb-size"]),
    ("5 rashers of bacon", ("5", "rasher", "bacon"), []),
    ("3 red finger chillies", ("3", "", "red finger chillies"), []),
    ("Yolks of 3 eggs", ("3", "", "eggs"), ["Yolks of"]),
    # What goes on with a remark
    (
        "1 ciabatta, preferably with olives and sage",
        ("1", "", "ciabatta"),
        ["preferably with olives", "sage"],
    ),
    (
        "1 egg, beaten with 1 teaspoon water and 1 tablespoon cream",
        ("1", "", "egg"),
        ["beaten with 1 teaspoon water", "1 tablespoon cream"],
    ),
    (
        "corn oil, for shallow and deep frying",
        ("1", "", "corn oil"),
        ["for shallow", "deep frying"],
    ),
    (
        "2 limes, one thinly sliced, one cut in half",
        ("2", "", "limes"),
        ["one thinly sliced", "one cut in half"],
    ),
    ("1 egg, yolk only, beaten", ("1", "", "egg"), ["yolk only", "beaten"]),
    # What may be left out
    ("optional 2 tbsp cream", ("2", "tablespoon", "cream"), ["optional"]),
    ("2 tbsp pepper adjust to taste", ("2", "tablespoon", "pepper"), ["adjust to taste"]),
    ("1 oz of flour by weight", ("1", "ounce", "flour"), ["by weight"]),
    ("rinds from 3 limes", ("3", "", "limes"), ["rinds from"]),
    # A range without gaps, units in two words, abbreviations that are no units here
    ("1to2 cups salt", ("2", "cup", "salt"), []),
    ("3 table spoons honey", ("3", "tablespoon", "honey"), []),
    ("2 tea spoons salt", ("2", "teaspoon", "salt"), []),
    ("5 kgrs rice", ("5", "kilogram", "rice"), []),
    ("2 bsp. honey", ("2", "", "bsp honey"), []),
    ("2 dsp. honey", ("2", "dessertspoon", "honey"), []),
    ("a heaped dessert spoon of honey", ("1", "dessertspoon", "honey"), ["heaped"]),
    ("2 cups plus 1 dessertspoon milk", ("49", "dessertspoon", "milk"), []),
    ("6 spoonfuls honey", ("6", "tablespoon", "honey"), []),
    # A length before a thing is its size; other lengths belong to the name
    ("12 inch pizza", ("1", "", "pizza"), ["12 inch"]),
    ("2 10 inch pizzas", ("2", "", "10 inch pizzas"), []),
    # Examples of what a recipe takes so much of
    (
        "2 handfuls of greens, e.g. spinach, chard, kale",
        ("2", "handful", "greens"),
        ["e.g. spinach", "chard", "kale"],
    ),
    # A pack with its size, and without a number
    ("big bag rice", ("1", "bag", "rice"), ["big"]),
    ("small pack basil, leaves only", ("1", "package", "basil"), ["small", "leaves only"]),
    # One thing, whatever common things its words name
    (
        "1/4 cup chopped fresh chives or scallion greens",
        ("0.25", "cup", "chopped fresh chives"),
        ["or scallion greens"],
    ),
    ("2 whole chipotle peppers in adobo", ("2", "", "whole chipotle peppers in adobo"), []),
    ("2 kale salads in lime sauce", ("2", "", "kale salads in lime sauce"), []),
    ("3/4 cup macadamia nut oil", ("0.75", "cup", "macadamia nut oil"), []),
    ("2 spoons sugar", ("2", "", "spoons sugar"), []),
    ("3 glasses milk", ("3", "", "glasses milk"), []),
    (
        "2 peppers in oil, plus 1 tbsp oil from the tin",
        ("2", "", "peppers in oil"),
        ["1 tbsp oil from the tin"],
    ),
    # What a comma or an asterisk begins that says more of the thing
    ("2, 9-inch pie crusts", ("2", "", "9-inch pie crusts"), []),
    ("sourdough starter, 100% hydration", ("1", "", "sourdough starter"), ["100% hydration"]),
    ("3/4 cup sugar *see notes", ("0.75", "cup", "sugar"), []),
    ("2 mangoes, peeled* and cubed", ("2", "", "mangoes"), ["peeled and cubed"]),
    ("1 tbsp soy sauce, reduced sodium", ("1", "tablespoon", "soy sauce"), ["reduced sodium"]),
    ("butter, fridge cold and cubed", ("1", "", "butter"), ["fridge cold and cubed"]),
    ("2 cups pecans toasted and skins removed", ("2", "cup", "pecans toasted"), ["skins removed"]),
    ("2 giant handfuls chard, prob 5 oz", ("2", "handful", "chard"), ["giant", "5 oz"]),
    ("as needed sesame seeds", ("1", "", "sesame seeds"), ["as needed"]),
    # Examples that end in an "or", kinds of which a thing is made
    ("white fish, like hake, cod or ling", ("1", "", "white fish"), ["like hake", "cod or ling"]),
    (
        "4 oz cream cheese with chives and onions",
        ("4", "ounce", "cream cheese with chives"),
        ["onions"],
    ),
    ("vanilla ice cream or whipped cream", ("1", "", "vanilla ice cream"), ["or whipped cream"]),
    (
        "2 whole chipotle peppers packed in oil",
        ("2", "", "whole chipotle peppers"),
        ["packed in oil"],
    ),
    ("1 bag mini M & M's", ("1", "bag", "mini M & M's"), []),
    ("½ cup 1 stick salted butter", ("0.5", "cup", "salted butter"), ["1 stick"]),
    ("2 cups* flour", ("2", "cup", "flour"), []),
    ("1 cup *oat flour", ("1", "cup", "oat flour"), []),
    ("16 ounces (452) curd", ("16", "ounce", "curd"), ["452"]),
    (
        "4 pounds beef, well trimmed, cut into approx. 1 ½ inch cubes",
        ("4", "pound", "beef"),
        ["well trimmed", "cut into approx. 1 ½ inch cubes"],
    ),
    (
        "1 red, yellow, or green pepper (diced)",
        ("1", "", "red, yellow, or green pepper"),
        ["diced"],
    ),
    # So many packs of a size, behind a comma or a dash
    ("2, 28 oz cans tomatoes", ("2", "can", "tomatoes"), ["28 oz"]),
    ("3, 15-ounce cans black beans", ("3", "can", "black beans"), ["15-ounce"]),
    ("2 - 14 oz cans tomatoes", ("2", "can", "tomatoes"), ["14 oz"]),
    ("2-14 oz cans tomatoes", ("2", "can", "tomatoes"), ["14 oz"]),
    ("1, 28 oz can tomatoes", ("1", "can", "tomatoes"), ["28 oz"]),
    ("10-13 oz bag of crisps", ("1", "bag", "crisps"), ["10-13 oz"]),
    ("4, 6 oz salmon fillets", ("4", "", "salmon fillets"), ["6 oz"]),
    ("8-10 oz bags of crisps", ("1", "bag", "crisps"), ["8-10 oz"]),
    # What is taken, right before the amount
    ("juice 1/2 lemon", ("0.5", "", "lemon"), ["juice"]),
    ("zest 2 limes", ("2", "", "limes"), ["zest"]),
    # Marks of HTML and Markdown
    ("[Oat milk](https://a.example/oat) x3", ("3", "", "Oat milk"), []),
    ("[x](3) leeks", ("3", "", "leeks"), []),
    ('3 cups <a href="https://a.example/stock">beef stock</a>', ("3", "cup", "beef stock"), []),
]


@pytest.mark.parametrize(("text", "item", "notes"), ONE_ITEM)
def test_what_is_said_of_a_thing_is_a_note(text: str, item: Item, notes: list[str]) -> None:
    lines = parse(text).lines

    assert [(line.quantity, line.unit, line.name) for line in lines] == [
        (Decimal(item[0]), item[1], item[2])
    ]
    assert list(lines[0].notes) == notes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("tuna packed in oil and eggs", ["tuna", "eggs"]),
        ("yam for frying and palm oil", ["yam", "palm oil"]),
        ("rice 2, dried fish 3 prawns 4", ["rice", "dried fish", "prawns"]),
        ("nice cheese e.g. brie, crackers", ["nice cheese", "crackers"]),
        ("white fish, like cod, crackers", ["white fish", "crackers"]),
        ("2 advanced hand wash", ["advanced hand wash"]),
        ("milk, still water, ready salted crisps", ["milk", "still water", "ready salted crisps"]),
        ("butter or cake mix, eggs", ["butter", "eggs"]),
        ("milk, ribbons, matchsticks", ["milk", "ribbons", "matchsticks"]),
        ("yam if fresh along with 2 tins milk", ["yam", "milk"]),
        ("oil for frying and one onion", ["oil", "onion"]),
        ("milk, juice and lemon", ["milk", "juice", "lemon"]),
        ("flour, 2 eggs separated", ["flour", "eggs separated"]),
        ("2kg rice, beans or yam flour", ["rice", "beans or yam flour"]),
        ("4 plates cups", ["plates", "cups"]),
        ("bread, 2% milk, eggs", ["bread", "2% milk", "eggs"]),
        ("1, 5kg rice\n2, 3 tins milk\n3, tea", ["rice", "milk", "tea"]),
        ("*milk* and *eggs*", ["milk", "eggs"]),
        ("2kg rice *milk *eggs", ["rice", "milk", "eggs"]),
        ("milk*\neggs", ["milk", "eggs"]),
        ("tea with milk and sugar", ["tea with milk", "sugar"]),
        ("tuna in oil bread eggs", ["tuna", "bread", "eggs"]),
        ("juice 2 lemons 3", ["juice", "lemons"]),
    ],
)
def test_things_behind_a_remark_stay_things(text: str, names: list[str]) -> None:
    assert [line.name for line in parse(text).lines] == names
