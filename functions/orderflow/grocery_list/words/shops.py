"""Shops whose names head lists: "Tesco" over what to buy there."""

from __future__ import annotations

from typing import Final

from orderflow.grocery_list.words.phrases import phrases_in

#: Supermarkets of Britain, Ireland, America, India, South Africa, Kenya, Ghana and Nigeria.
SHOPS: Final = frozenset(
    phrases_in("""
tesco, sainsbury's, sainsburys, asda, aldi, lidl, morrisons, waitrose, ocado, co-op, coop
marks and spencer, dunnes, supervalu, walmart, costco, kroger, publix, safeway, wegmans, albertsons
trader joe's, trader joes, whole foods, heb, sam's club, sams club, meijer, dmart, big bazaar
reliance fresh, reliance smart, bigbasket, blinkit, zepto, shoprite, pick n pay, woolworths, spar
checkers, makro, naivas, quickmart, carrefour, melcom, justrite, ebeano, prince ebeano, hubmart
market square, foodco, jumia, konga
""")
)
