"""The verbs by which a sentence about people or things is told from the name of a thing."""

from __future__ import annotations

from typing import Final

from orderflow.grocery_list.words.phrases import words_in

#: They stand before another verb: "he will bring".
MODALS: Final = words_in("""
    will would shall should can could may might must won't wouldn't shouldn't can't cannot couldn't
    gonna
""")

#: Forms of to be, to have and to do, alone or before another verb.
BEING: Final = words_in("""
    is are was were isn't aren't wasn't weren't has hasn't had hadn't did didn't does doesn't
    been
""")

#: Verbs in forms that no name of a thing has: past, or of a third person.
TELLING: Final = words_in("""
    said told asked went came got gave took made thought knew saw kept began brought sold spent
    paid lost held met ran sat stood heard felt meant wrote spoke drove flew forgot became chose
    fell grew slept threw woke wore ate drank fed spoilt burnt broke taught bought sent spat
    says tells asks goes comes gets gives takes makes thinks knows sees finds keeps brings sells
    pays loses means seems feels loves likes hates eats sleeps starts finishes opens closes costs
    hopes
    claims reckons insists swears prefers lives stays uses tries arrives returns visits wants needs
    promised complained announced mentioned travelled moved tasted happened
    resume arrive name's number's here's
""")

#: Such verbs ask for what follows: "the kids want juice".
ASKING: Final = words_in("need needs want wants wan require requires fancy fancies like love")

#: They exchange one thing for another.
SWAPPING: Final = words_in("swap replace exchange switch substitute change swop")
#: They stand among the first so many words: "same as last week, but please swap".
LATEST_SWAP: Final = 8

#: Behind "please" these ask for what follows: "abeg drop" 6 bottles.
HANDING: Final = words_in("""
    drop package dispatch deliver reserve keep hold pack throw chuck pop stick bag parcel
""")

#: Before one of these the name of a thing has ended: "cat food he's not eating", "beans is okay".
PREDICATING: Final = (
    (BEING - {"been"})
    | words_in("will would should could won't wouldn't shouldn't can't cannot couldn't")
    | {
        f"{who}{verb}"
        for who in ("i", "we", "he", "she", "they", "it", "you")
        for verb in ("", "'s", "'ll", "'d", "'re", "'ve")
    }
    | {"i'm", "that's", "there's", "tells", "says", "said"}
) - {"it"}
