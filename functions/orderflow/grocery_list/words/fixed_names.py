"""Names that hold a word that elsewhere means a quantity, a unit or a separator: "3 crown"."""

from __future__ import annotations

from typing import Final

from orderflow.grocery_list.words.phrases import phrases_in

_AND_NAMES: Final = phrases_in("""
    mac and cheese, macaroni and cheese, half and half, salt and vinegar, cookies and cream
    sour cream and onion chips, sour cream and onion crisps, cheese and onion crisps, sweet and sour
    fish and chips, pork and beans, franks and beans, ham and cheese sandwich, ben and jerry's
    bread and butter pickles, surf and turf, bangers and mash, rum and raisin, gin and tonic
    head and shoulders, johnson and johnson, ben and jerrys, arm and hammer, fruit and nut
    fruit and fibre, hot and spicy, hot and sour, tom and jerry, bubble and squeak, pick and mix
    oil and vinegar dressing, steak and kidney pie, chicken and mushroom pie
    ham and pineapple pizza, peanut butter and jelly sandwich, hide and seek, lea and perrins
    tate and lyle, crosse and blackwell, marks and spencer, green and black's, green and blacks
    mike and ike, good and plenty, bread and butter pudding, salt and shake
    m and m's, m and ms
""")

_OTHER_NAMES: Final = phrases_in("""
    7 up, seven up, 7 - up, 5 alive, five alive, 3 crowns, three crowns, 57 sauce, two percent
    one percent, 2 percent, 1 percent, 33 export, 3 musketeers, 5 star, 50 - 50, 5 spice, five spice
    thousand island, vitamin a, omega 3, omega - 3, omega 6, omega - 6, cow and gate, take away
    peak milk 123, peak 123, 3 crown, three crown, close up, seven seas, 2 in 1, 2-in - 1, 3 in 1
    3-in - 1, can opener, can openers, tin opener, tin foil, paint brush, paint brushes, pound cake
    pound cakes, cup cake, cup cakes, cup noodles, rubber band, rubber bands, rubber glove
    rubber gloves, bottle opener, bottle openers, bottle brush, box cutter, box grater, ear bud
    ear buds, bar soap, bar soaps, pot holder, pot holders, sheet mask, sheet masks, roll on
    roll ons, plus more, plus extra, six pack, four pack, free range, sugar free, gluten free
    fat free, 1 ply, 2 ply, 3 ply, 4 ply, 2 pin, 3 pin, 2 way, 3 way, 4 way, 6 way, 4 gang, 5 gang
    6 gang, 3 amp, 5 amp, 13 amp, 15 amp, 1000 island dressing, 5 hour energy, 7 days croissant
    7 days croissants, 7 seas, 3 bean salad, 3 bean chilli, 3 bean chili, 5 bean salad
    4 cheese pizza, 4 cheese blend, 2 in1, 3 in1, 4 in1, 5 spice powder, 3 cheese blend
    3 cheese pizza, 5 grain bread, 7 grain bread, 9 grain bread
    12 grain bread, 1001 carpet
""")

#: See above.
FIXED_NAMES: Final = frozenset((*_AND_NAMES, *_OTHER_NAMES))
