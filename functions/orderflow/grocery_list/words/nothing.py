"""Words that name nothing to buy by themselves: "some bits", "at home", "gosh"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.grocery_list.words.phrases import Word, phrases_in, words_in
from orderflow.grocery_list.words.verbs import PREDICATING

#: See above.
EMPTY: Final = words_in("""
    at by on in of to for and the me it us you them a an with from or so is x xx haha hah
    bit bits thing things stuff something anything everything nothing please that this these those
    some few more couple other others another shopping groceries items one ones lot
    home here there back now then soon later today tonight tomorrow yesterday again already twice
    once fast quick quickly early late ready before after until till still just only even too
    also well alright right okay ok yes yeah yep yup nope nah no not lol lmao omg gosh goodness
    wow yay ugh oh ah aha hmm hm sorry thanks bye hello hi hey cheers same usual maybe perhaps
    really actually anyway anyways i he she they we up down out off over about around sure love
    his her their my our your money obviously honestly thankfully hopefully
""")

#: A noun follows these.
DETERMINERS: Final = words_in("the my our your his her their this that last same an no any each")

#: That a thing is taken off the list, behind any mark: "rice - out of stock, skip".
WITHDRAWN: Final = frozenset(
    phrases_in("""
cancelled, canceled, cancel, cancel it, cancel this, removed, remove, remove it, deleted, delete
delete it, skip, skip it, not needed, not required, no longer needed
""")
)
#: That there is to be none of a thing, behind its name: "milk - no need", "rice (none)".
UNNEEDED: Final = WITHDRAWN | frozenset(
    phrases_in("""
no, no need, none, nil, zero, nothing, not today, not this week, not this time, leave it
already got, got already, got some, got enough, have some, have enough, done, bought, already bought
purchased
""")
)


def says_nothing(tokens: Sequence[Word]) -> bool:
    """Whether these words name no thing by themselves: "some bits", "should do it"."""
    return bool(tokens and tokens[0].lower in PREDICATING) or all(
        token.lower in EMPTY for token in tokens
    )
