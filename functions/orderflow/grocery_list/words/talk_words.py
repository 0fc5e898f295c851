"""The words by which talk, addresses, totals and headings are told from items."""

from __future__ import annotations

from typing import Final

from orderflow.grocery_list.words.phrases import Phrases, phrases_in, words_in
from orderflow.grocery_list.words.verbs import BEING, MODALS, TELLING

#: What asks for things: all before it in a clause is talk.
COMMANDS: Final = words_in("""
    buy bring need needs want wants purchase fetch grab get order add send carry write mark note
    pick find collect wan put include remember remain supply arrange gimme
""")

#: Who speaks or is spoken of.
PRONOUNS: Final = words_in("""
    i we you u he she they dem it una i'm that's what when where who why how someone everybody
    everyone there's there'll
""") | {
    f"{who}'{verb}"
    for who in ("i", "we", "you", "he", "she", "they", "it")
    for verb in ("s", "ll", "d", "re", "ve")
}
SUBJECTS: Final = PRONOUNS | words_in("e mama mum mummy dad madam my your our his her their shop")

#: What follows these subjects and asks for things all the same.
WANTING: Final = words_in(
    "need want would like wan require needs wants am are dey fancy after getting buying picking"
)

#: They make a sentence of the words around them.
AUXILIARIES: Final = words_in("""
    is are was were isn't aren't has had will won't can't cannot didn't doesn't shuts closes opens
    hai hain tha dunga dungi doonga kal aaj starts finished ate eaten drank na don dey say said says
    thinks think hope hopes
""")

#: "I think" and the like, before a thing.
SUPPOSING: Final = words_in("think guess suppose reckon believe")

#: They begin a clause and say nothing.
CONJUNCTIONS: Final = words_in(
    "and but so then also please pls plz abeg oh ok okay well now because oya anyway anyways listen"
)

#: What is bought if there is some: "if you see fresh fish buy am".
CONDITIONS: Final = Phrases(
    [
        f"if {who} {verb}"
        for who in ("you", "u", "una", "they", "dem")
        for verb in ("see", "find", "get", "dey see", "have")
    ]
)

#: They make nothing depend on anything: "if you have time" could you grab bread.
POLITE_CONDITIONS: Final = Phrases(
    phrases_in("""
if there's time, if there is time, if you have time, if you can, if you could, if possible
if you get a chance, if you have a chance, if you don't mind, if you're passing, if you are passing
if you're going, if you are going, if you're out, if it's not too much trouble, if it's no trouble
""")
)

#: "what's left is" tea.
ANNOUNCING: Final = Phrases(
    [
        f"{what} {which} is"
        for what in (
            "what's",
            "what is",
            "all that's",
            "all that is",
            "the only thing",
            "only thing",
        )
        for which in ("left", "missing", "finished", "needed", "remaining")
    ]
    + phrases_in("""
still missing, still need, what we don't have is, what i don't have is, wetin remain be
wetin remain na, wetin i need na, wetin i need be, i forgot to add, i forgot to mention
i forgot to say, we forgot to add, forgot to add, forgot to mention, forgot to say
use balance for, use the balance for, the rest na, the rest is, the rest are
""")
)

#: "I forgot" bread, unlike "I forgot my keys".
FORGOTTEN: Final = Phrases(
    ["i forgot", "we forgot", "i also forgot", "you forgot", "i've forgotten"]
)

#: The fields of a form: their values are no things to buy.
FIELDS: Final = frozenset(
    phrases_in("""
date, delivery, delivery date, delivery day, delivery time, order date, time, day, when, pickup
pickup time, event, occasion, payment, payment method, mode of payment, customer
customer name, name, full name, phone, phone number, location, venue, address, landmark, date needed
needed by, paid, paid by, cashier, served by, store, shop, supermarket, branch, till, receipt no
signed, signed by, signature, prepared by, approved by, requested by, ordered by, checked by
received by, attendant, operator, member, account, invoice no, order no, supplier, vendor
""")
)

#: "una dey sell" fresh fish?
QUESTIONS: Final = Phrases(
    [
        f"{asking}{who} {verb}"
        for asking in ("", "shey ", "do ", "abeg ")
        for who in ("you", "u", "una", "y'all", "yall")
        for verb in (
            "get",
            "got",
            "got any",
            "sell",
            "dey sell",
            "still get",
            "still dey sell",
            "stock",
        )
    ]
)

#: "we've got 2 pints in the fridge".
HAVING: Final = words_in("got have has there's still i've we've plenty")
AT_HOME: Final = words_in("fridge freezer cupboard pantry already left home house")

#: Said of what was named before: "stockfish" I get already.
GOT_ALREADY: Final = frozenset(
    f"{who} {have}"
    for who in ("i", "we")
    for have in ("get already", "get am already", "already have", "have already", "already get am")
) | {"i've got already", "we've got already", "i've already got", "we've already got"}

#: "we don't need eggs".
NEGATIONS: Final = words_in("don't dont not no never doesn't do_not")

#: What begins a clause that asks for nothing.
TALK_OPENINGS: Final = Phrases(
    phrases_in("""
see you, see u, will collect, will pick, call me, ring me, text me, call when, ask, tell
let me know, compliments, sent from, get outlook, thanks a million, god bless, leave it
leave them, leave at, usual time, usual place, usual address, as usual, same price, same as
only me, just me, change wey, keep the change, use the rest, make sure, make i, make the, make e
hurry, what time, how much, how far, do you, be quick, talk soon, speak soon, no rush
deliver between, deliver before, deliver by, deliver at, deliver after, deliver on, delivery time
pay on, payment on, cash on, pay when, substitute with, substitute by, replace with, sub with
delivery date, nothing else, much appreciated, much love, lots of love, all the best, take care
only have, treat as, safe journey, journey mercies, safe trip, listen, longest time, long time
ta-ra, ta ra, serves, takes, ready in, prep time, cook time, makes about, kind regards
warm regards, best regards, many thanks, yours faithfully, yours truly, note that
please note that, shopping for, following up, further to, have a nice, have a good, have a great
have a lovely, enjoy your, invoice to, bill to, charge it, charge to, meeting at, meeting till
order for pickup, order for delivery, order for collection, just a quick one, quick favour
quick favor, quick one, back at, back by, back around, home at, home by, home around, best wishes
bye, balance na, running to, sorry for, sorry about, something, nothing, fancy a, fancy some
anything else, as discussed, already got, already have, got some, got loads, have some, got enough
got plenty, have enough, drive safe, drive safely, stay safe, stay blessed
no vex, all in, all na, all of them, all are
""")
)

#: What a name may follow.
SIGN_OFFS: Final = words_in("""
    thanks thank regards cheers sincerely yours love best tnx thx ta gratefully respectfully warmly
    blessings kindest warmest faithfully
""")

#: What begins an address, a telephone number, or a note about the delivery.
ADDRESS_OPENINGS: Final = Phrases(
    phrases_in("""
deliver to, delivery address, delivery to, address, my address, phone, phone number, tel, telephone
mobile, call me on, call on, my number, whatsapp, location, venue, drop at, drop off at, send to
bring to, order for mr, order for mrs, order for miss, order for ms, order for dr, name, contact
gate code, door code, access code, buzzer, landmark, apartment number, flat number, postcode, zip
email, e - mail, ext, extension, acct, account, order number, order no, house number
""")
)

#: What ends a street's name.
STREETS: Final = words_in("street road rd avenue ave crescent estate junction")

#: What ends one where it begins with a capital: elsewhere it may be a thing.
PLACES: Final = words_in("st lane close drive way court terrace gardens place square")

#: What is paid, has been or may be.
MONEY_MATTERS: Final = words_in("""
    total totals subtotal sub-total net gross sum balance change cash card vat tax discount deposit
    paid payment budget transport logistics delivery altogether grand fee tip savings visa
    mastercard remaining tp t/p tfare t-fare fare debit credit saving clubcard nectar gst rounding
    cashier charge
""")

#: What a name may follow, at a message's beginning.
GREETINGS: Final = words_in(
    "hi hello hey hiya heya ello dear morning evening afternoon good gud greetings bros howdy "
    "namaste respected gm"
)

#: How people are addressed: a name may follow.
ADDRESSED: Final = words_in("""
    aunty auntie aunt uncle sister brother bro customer boss chairman oga madam sir ma mama mummy
    mum daddy dad baba iya alhaja alhaji friend friends guys everyone team mr mrs miss ms dear love
    darling honey babe sweetheart didi bhaiya bhaiyya bhai beta ji chacha sahib
""") - {"honey"}

#: Alone in a clause these are no things to buy: "account details".
ASIDES: Final = words_in("""
    same supplier as last time before usual shop account details total receipt bill invoice
    message change someone number confirm list order name address delivery
    a minute min moment chance
""")

#: Hesitation.
FILLERS: Final = words_in(
    "um umm ummm uh uhh uhhh uhm hmmm ehn ehen erm er hmm like say yeah basically"
)

#: Without any of these a list holds no talk.
TALK_WORDS: Final = (
    COMMANDS
    | SUBJECTS
    | AUXILIARIES
    | NEGATIONS
    | (MODALS - {"can"})
    | BEING
    | TELLING
    | SIGN_OFFS
    | STREETS
    | PLACES
    | GREETINGS
    | ADDRESSED
    | MONEY_MATTERS
    | TALK_OPENINGS.first_words
    | words_in("""
date time delivery pickup event customer day store shop branch things items stuff signed signature
prepared approved requested cashier till supplier remove delete cancel clear drop empty if agar the
them it am mat nahi your me which whose check this buying running happy looking but skip forget flat
cancelled canceled rather instead alternatively
apartment apt suite all people guests bake preheat simmer serve
sub subs substitute substitutes alternative alt backup
""")
    | ADDRESS_OPENINGS.first_words
) - {"no", "not", "my", "our", "like", "so"}

#: What a heading ends with: "Naming ceremony list", "SOUP THINGS".
HEADING_ENDINGS: Final = words_in("""
    list lists things shop shopping stuff items bits supplies ingredients provisions foodstuff
    foodstuffs needs essentials run haul table section aisle department order groceries requirements
""")

#: Meals and days: alone on a line they are headings.
MEALS: Final = frozenset(
    phrases_in("""
breakfast, lunch, dinner, supper, tea time, brunch, dessert, desserts, starters, mains, main course
sides, side dishes, packed lunches, breakfasts, lunches, dinners, tues, thurs, weds, monday, tuesday
wednesday, thursday, friday, saturday, sunday, weekend, party, bbq, barbecue, picnic, fri, sat
sun, mon, tue, wed, thu, lunchbox, packed lunch, other, others, misc, miscellaneous, extras
urgent, for the fridge, weekly shop, from the market, market, supermarket, butcher, baker
greengrocer
""")
)

#: A meal or a day, and when it is: "party on Saturday".
OCCASIONS: Final = MEALS | {"on", "this", "next", "birthday", "night"}

#: Departments, whose names may be items, too: "vegetables".
SECTIONS: Final = frozenset(
    phrases_in("""
treats, basics, essentials, drinks, dairy, meat, meats, frozen, freezer, cupboard, fridge, bakery
produce, fruit, fruits, veg, vegetables, fruit veg, fruits vegetables, fruit vegetables, toiletries
household, cleaning, baby, pets, pet, pantry, snacks, soup, stew, provisions, foodstuff, foodstuffs
soup things, fish, seafood, deli, tins, tinned, canned, dry goods, store cupboard, spices, seasoning
baking, health, beauty, kitchen, bathroom, laundry, alcohol, beverages, condiments, grains, swallow
proteins, protein, meat fish, meat poultry, poultry, eggs dairy, dairy eggs, fresh, chilled, salad
medicine, pharmacy, cleaning products, personal care, home, office, school, stationery, groceries
""")
)

#: What stands under these is at home, and not to be bought.
STOCK_HEADINGS: Final = frozenset(
    phrases_in("""
got, have, already have, already got, we have, we've got, in stock, at home, don't need, dont need
not needed, bought, done, cancelled, canceled, removed, deleted
""")
)

#: The heads of columns.
TABLE_HEADS: Final = words_in("""
    item items qty qnty quantity price prices amount unit units product products s/n sn no number
    description total cost name each note notes size ngn naira
""")

#: The head of a column that numbers the rows.
ROW_NUMBERS: Final = words_in("s/n sn no number")
