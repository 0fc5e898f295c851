"""The words of grocery lists that are neither a quantity nor a unit, by the part they play."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Final

from orderflow.grocery_list.words.phrases import Phrases, phrases_in, words_in

#: What people write around an item without meaning anything to be bought.
WRAPPING: Final = Phrases(
    phrases_in("""
please, haan, that's, so that's, haan listen, haan ji, listen, pls, plz, plss, pleas, kindly, abeg
biko, yo, hiya, nid, lastly, check for, check pantry for, check the pantry for, for breakfast
for lunch, for dinner, for supper, restock, top up, top up on, stock up on, stuff like
things like, something like, usual ones like, usual, hello, hi, hey, dear, thanks, thank you
thank u, please ma, please sir, thank you ma, thank you sir, thanks ma, thanks sir, thanks a lot
thx, tnx, thanks in advance, oga, madam, sir, ma, daalu, my people, how far, how are you, o, bros
could do with, i could do with, i go take, i go buy, i'll take, i will take, start a list, it's
its, new list, new shopping list, new grocery list, shopping reminder, memo, note to self
come with, that your, that my, your, any brand of, any kind of, any type of, make a list
create a list, shopping list for tomorrow, for tomorrow, for today, for the week, for tonight
whatever, whichever, dat, dis, oh, oh yes, yes, yeah, right, some sort of, some kind of, brother
customer, bro, guy, my guy, sister, aunty, auntie, uncle, chief, hun, mate, babe, siri, alexa
google, ta, cheers, xx, xxx, so, item, 4 me, down, join, urgent, asap, okay, ok, alright, well
sorry, wait, oops, i meant, i mean, make that, make it, make am, scrap that, scratch that
or rather, actually, no sorry, no make it, no no, na, loads of, no forget, at most, no wait
either, to my list, to the list, to my shopping list, to my grocery list, to the shopping list
to my basket, to the basket, on the list, on my list, good morning, good afternoon, good evening
good day, many thanks, thank you so much, god bless, i, i'd, i'll, i'm, we, we'd, we'll, we're, us
me, you, u, my, our, the, this, these, those, need, needs, want, wants, wanna, would like
will like, would, like, will, get, getting, give, buy, bring, order, ordering, add, send, pick
pick up, grab, fetch, purchase, include, have, take, put, supply, deliver, provide, do you have
do u have, have you got, can i, can you, can u, can we, could i, could you, could u, could we
may i, let me, let's, lets, also, then, finally, next, to, help, help me, for me, for us
looking for, look for, going to, are, am, is, out of, running low on, running out of, low on
do not forget, don't forget, remember, make sure, some, any, another, nearly, almost, circa
close to, just over, just under, a bit of, a little, a little bit of, a little of, lots of
plenty of, a lot of, about, approx, approximately, around, roughly, maybe, perhaps, at least, prob
probably
up to, exactly, just, only, between, not more than, no more than, not less than, more than
less than, enough, maximum of, minimum of, shopping list, grocery list, groceries list
market list, my list, list, groceries, worth of, make you no forget, make una no forget
make u no forget, let me see, let me think, let's see, while you're there, while you're at it
while you're in there, i'm after, sell me, sell us, didi, bhaiya, bhaiyya, bhai, beta, sirf
namaste, i think, i guess, i suppose, i reckon, some of them, some of those, some of your
one of those, definitely, anyway, anyways, i go like, i go need, anyhow, dash me, e be like say
be like say, this time, btw, fyi, just do, only do, now, make list, make my list
""")
)

#: What may stand between a quantity and the thing.
AFTER_AMOUNT: Final = frozenset(
    {"of", "the", "my", "more", "these", "those", "worth", "that", "this", "lots"}
)

#: Courtesies and references to the order that may end an item.
CLOSING: Final = Phrases(
    phrases_in("""
after work, before work, after school, after church, from work, bye, bye bye, thank you bye
thanks bye, on there, and that's your lot, thoda sa, bhi, bas, thodi si, instead, love you
love you bye, see you later, see you soon, i like, we like, you like, they like, we usually get
we always get, i usually get, i always get, you got last time, we had last time, like last time
like before, as before, lena, le lena, lana, lana hai, lena hai, bhej dijiye, de dijiye, dijiye
kar dijiye, laana, le aana, le lo, le lena, chahiye, bhej do, bhejna, de do, dena, kar do
mangwana, either way, as usual, obviously, of course, to be safe, just in case, so get both
so get that, so get it, so get one, so get those, so get some, get both, so get them, get them
sharp sharp, again o, anymore, actually, now now, quick quick, quickly, i wan buy, i wan
when you dey come, when una dey come, when you dey come back, when you come, come for me, sha
jare, jor, nau, biko, asap thx, asap thanks, asap please, though, tho, with am, with it, with dem
on your way back, on ur way back, on the way back, on your way in, when you can, when coming
when returning, of them, of those, of these, please, pls, plz, abeg, kindly, thanks, thank you
thank u, please ma, please sir, thanks ma, thank you ma, thank you sir, for me, for us, as well
too, also, asap, only, come, come house, come home, come shop, come office, add it
add it to the list, put it on the list, to groceries, 4 me, 4 us, join, on ur way, on your way
on the way, on ur way hm, hm, join am, am, on your way home, on the way home, ta, xx, today, again
o, for the house, for house, cheers, buy am, bring am, buy am join, bring am join, buy it, get it
buy some, no vex, abeg no vex, i guess that's it, i guess that's all, that's it, that's all
thats it, thats all, that is it, that is all, lol, haha, oh, i need, we need, i want, i need today
that's everything, join body, end of list, end list, end of the list, come give me, come give us
go do, e go do, going, thx, tnx, thnx, ty, oya, oya bye, oya nau
no delay, sharply, small own, big own
""")
    + [
        f"{thanks} {name}"
        for thanks in ("thanks", "thank you", "cheers", "ta")
        for name in words_in("love sweetie dear darling honey mum mom dad hun babe")
    ]
    + [
        f"{preposition} {owner} {thing}"
        for preposition in ("to", "on", "in")
        for owner in ("my", "the", "our")
        for thing in ("list", "cart", "basket", "trolley", "order", "shopping list", "grocery list")
    ]
)

#: What begins a remark about an item; the remark goes on to the item's end.
REMARK_OPENING: Final = Phrases(
    phrases_in("""
abi, if, or, preferably, preferable, prefer, ideally, optional, to taste, as needed, for, from
without, no, not, but, any brand, any kind, any type, any variety, any size, any shape
any flavour, any flavor, any colour, any color, instead of, depending on, in case, plus_more
plus_extra, don't, dont, do not, never, otherwise, wey, unless, because, cos, as long as, so that
such as, to serve, to garnish, to decorate, to finish, to cover, to drizzle, to grease, to dust
to coat, on offer, in total, per person, at room temperature, when, else, to my, to our, before
according to, see note, as desired, as required, if needed, e.g., e.g, eg, is on offer
is cheapest, is cheaper, is available, are cheaper, give the, give am, give my, give him, give her
to the school, to the office, to the house, to the church, to the shop, to the party, to the venue
to the hall, to the hostel, to the hotel, to the estate, to the gate, to the address, to school
to church, to office, make e no, make e big, make e fresh, make dem, tomorrow, tonight
this evening, at about, at around, whichever, whichever's, this morning, this afternoon, next week
this weekend, next time, looks good, look good, looks nice, look nice, apart from, aside from
except, to shop, to block, to flat, to number, are on offer, join the, join my, to cook, to season
to fry, to sprinkle, make i see, on this week's, on this, on next, last year, last month
last week, on monday, on tuesday, on wednesday, on thursday, on friday, on saturday, on sunday
adjust to, adjusted to, by weight, by volume, see notes, see below, see above, see recipe
by monday, by tuesday, by wednesday, by thursday, by friday, by saturday, by sunday
""")
)

#: The remarks that may end with the item's own amount: "butter or margarine 250g".
SPLITTING_REMARKS: Final = words_in("or abi wey no not for any otherwise else")

#: What begins a remark only where a comma has ended the item before it.
DETACHED_REMARK_OPENING: Final = Phrases(
    phrases_in("""
with, in, cut, at, by, divided, rather, room temperature, room temp, extra for, a bit more, more for
extra to, like, including, just, about, preferably, each, total, weight, on the, to, plus, save
well, the one, the ones, ones, skin on, bone in, shell on, bones in, white part, white parts
green part, green parts, white and, recipe, available, either, choose, remaining, substitute
reserve, reserved, into, then into, then, other, the other, small dice, fine dice, above, below
more or less, opt, q . b, q . s, additional, both, their, its, zest, grated zest, finely grated zest
pared zest, tough, homemade, store-bought, your choice, ideally, as, same, thawed, keeping, leaving
known as, enough for, enough to, see note, see notes, see above, see below, see recipe, see headnote
adjust, straight from, ready to, still warm, still hot, still frozen, minimum, maximum, can be
discard, include, chop the, mixed colors, mixed colours, and/or, lots, loads, plenty
fridge cold, reduced sodium, low sodium, lower sodium, reduced fat, low fat, reduced sugar
low sugar
""")
)

#: What ends a remark that stands alone behind a comma: "the big ones", "any kind".
DETACHED_REMARK_ENDING: Final = words_in("one ones kind type brand size")

#: Words that describe a thing and are never one: alone behind a comma they are a remark.
DESCRIPTIONS: Final = words_in("""
    ripe unripe overripe fresh frozen chilled organic natural local imported firm soft hard
    tender large larger small medium big little tiny huge jumbo extra thick thin young old
    boneless skinless bone-in skin-on seedless pitted shelled peeled unpeeled whole halved
    quartered chopped diced sliced minced grated shredded crushed cubed ground cut divided
    packed softened melted beaten dried cooked uncooked raw toasted roasted smoked cold warm
    hot washed rinsed drained clean cleaned lean mild spicy plain sweet sweetened unsweetened
    salted unsalted low-fat fat-free full-fat skimmed semi-skimmed gluten-free sugar-free
    dairy-free lactose-free free-range red green yellow white black brown purple pink optional
    very finely roughly coarsely freshly thinly thickly well lightly slightly not too nice good
    full refill crunchy creamy smooth chunky semisweet bittersweet dark light lukewarm tepid
    boiling cool rough lengthwise lengthways crosswise crossways diagonally room-temperature
    fridge-cold fine coarse mature strong runny unwaxed juicy store-bought homemade shop-bought
    loose day-old refined unrefined basmati jasmine instant cheap cheapest best quality both all
""") | {"free range", "sugar free", "gluten free", "fat free"}

#: What recipes take of a thing that is bought whole: "juice of 2 lemons".
EXTRACTS: Final = words_in("juice zest rind peel leaves seeds pulp flesh skin")

#: Sizes that may stand between a number and its unit ("2 large cans").
SIZES: Final = words_in("""
    large small medium big little tiny wee teeny huge giant jumbo mini heaped heaping level rounded
    scant full fat generous healthy good brimming fresh thick thin long short good-sized
    medium-sized large-sized bigger smaller extra-large packed lightly firmly loosely tightly snack
""")

#: They say that a number is a guess: "about 3".
APPROXIMATELY: Final = words_in("about approx approximately around roughly prob probably")

#: Sizes of measures that may stand before the number, too: "scant 2 tbsp".
LEADING_SIZES: Final = words_in("scant heaped heaping generous brimming healthy level rounded")

#: Sizes that are a remark where they end a name ("pepper small"), with what may follow them.
CLOSING_SIZES: Final = words_in("large small medium big family king economy")
AFTER_SIZE: Final = words_in("size sized one ones")

#: Descriptions that are a remark even where they begin a name.
PREFERENCES: Final = frozenset({"organic", "lg", "sm", "md", "med"})

#: The number behind one of these belongs to the name: "pampers size 3".
LABELS: Final = words_in("size stage type grade number no vitamin factor spf level")

#: Formula milks, whose numbers are ages: "Nan 1".
STAGED_BRANDS: Final = words_in("""
    nan sma lactogen aptamil similac nutrilon friso frisolac hipp kendamil enfamil s26 peadiasure
""") | {"cow and gate", "cow & gate"}

#: Sold by numbered sizes: "pampers 4".
NAPPIES: Final = words_in("pampers huggies molfix nappies nappy diapers diaper")

#: The shop's currency.
NAIRA: Final = "NGN"
#: What makes a sum of money of the number beside it, with its currency's code of ISO 4217.
CURRENCIES: Final[Mapping[str, str]] = {
    word: code
    for code, words in {
        NAIRA: "naira nairas ngn kobo",
        "USD": "usd dollar dollars bucks cents",
        "GBP": "gbp quid pence",
        "EUR": "eur euro euros",
        "GHS": "ghs ghc gh cedi cedis",
        "KES": "kes ksh kshs sh shs bob shilling shillings",
        "INR": "rs inr rupee rupees",
        "ZAR": "zar rand",
        "UGX": "ugx",
        "TZS": "tzs",
    }.items()
    for word in words.split()
}
#: Those that may stand before the sum.
CURRENCY_CODES: Final = words_in(
    "ngn usd gbp eur ghs ghc gh kes ksh kshs sh shs ugx tzs zar rs inr"
)

#: Abbreviations, whose full stop ends no sentence; units aside.
TITLES: Final = words_in("dr mr mrs st no vs sm med lg pkg approx cm mm")

#: Compounds of a number, a hyphen and one of these are a word of a name: "12-inch", "3-in-1".
NUMBERED_COMPOUNDS: Final = words_in("""
    inch in cm mm year up spice ply cheese grain bean minute day volt hour layer way seed
""")

#: "a" is one; before another number word it adds nothing ("a dozen").
ARTICLES: Final = frozenset({"a", "an"})

_ONES_AND_TEENS: Final = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
"""
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"


def _numberwords_in() -> dict[str, int]:
    ones = {word: value for value, word in enumerate(_ONES_AND_TEENS.split(), start=1)}
    tens = {word: 10 * ten for ten, word in enumerate(_TENS.split(), start=2)}
    compounds = {
        f"{ten_word}-{one_word}": ten + one
        for ten_word, ten in tens.items()
        for one_word, one in ones.items()
        if one < 10  # noqa: PLR2004 - twenty-one to twenty-nine
    }
    ranges = {  # "two-three": their upper end, as of every range
        f"{lower}-{upper}": upper_value
        for (lower, _), (upper, upper_value) in pairwise(ones.items())
    }
    return ones | tens | compounds | ranges


#: Numbers below one hundred that are written as one word, as is "twenty-five".
NUMBER_WORDS: Final[Mapping[str, int]] = _numberwords_in()

#: Vague numbers, as shopkeepers fill them.
VAGUE_NUMBERS: Final[Mapping[str, int]] = {"couple": 2, "few": 3, "several": 3, "half-dozen": 6}

#: They multiply the number before them.
MULTIPLIERS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("dozen", "dozens", "doz", "dz", "dozin", "dozzen"), 12),
    **dict.fromkeys(("hundred", "hundreds"), 100),
    **dict.fromkeys(("score", "scores"), 20),
    **dict.fromkeys(("six-pack", "six-packs", "six pack", "sixpack", "sixpacks"), 6),
    **dict.fromkeys(("four-pack", "four-packs", "four pack"), 4),
}

#: Parts of one.
PARTS: Final[Mapping[str, Decimal]] = {
    **dict.fromkeys(("half", "halves", "halve", "hlaf", "haf", "adha", "aadha"), Decimal("0.5")),
    **dict.fromkeys(("quarter", "quarters"), Decimal("0.25")),
    **dict.fromkeys(("third", "thirds", "one-third"), Decimal(1) / 3),
    **dict.fromkeys(("fourth", "fourths", "one-fourth", "one-quarter"), Decimal("0.25")),
    **dict.fromkeys(("three-fourths", "three-quarters"), Decimal("0.75")),
    **dict.fromkeys(("eighth", "eighths"), Decimal("0.125")),
    "one-half": Decimal("0.5"),
    "two-thirds": Decimal(2) / 3,
}

#: Without a number or an article before them these are no quantities: "third", "score".
NEED_A_NUMBER: Final = words_in(
    "third thirds score scores halves quarters fourth fourths eighth eighths"
)
