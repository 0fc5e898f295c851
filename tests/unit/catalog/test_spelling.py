"""Misspelt and abbreviated words."""

from __future__ import annotations

import pytest

from orderflow.catalog.index.spelling import Spelling, abbreviates

SPELLING = Spelling(
    {"milk": 40, "chocolate": 30, "choco": 2, "powder": 20, "premium": 5, "beef": 9, "corn": 8}
)


@pytest.mark.parametrize(
    ("short", "word"),
    [("choc", "chocolate"), ("veg", "vegetable"), ("pwdr", "powder"), ("chkn", "chicken")],
)
def test_beginnings_and_words_without_vowels_are_abbreviations(short: str, word: str) -> None:
    assert abbreviates(short, word)


@pytest.mark.parametrize(
    ("short", "word"),
    [
        ("ch", "chocolate"),  # too short to say anything
        ("milk", "milk"),
        ("wdr", "powder"),  # another first letter
        ("pwd", "powder"),  # another last letter
        ("pdwr", "powder"),  # another order
        ("poder", "powder"),  # a vowel is left: misspelt, not cut
    ],
)
def test_other_words_are_not(short: str, word: str) -> None:
    assert not abbreviates(short, word)


def test_a_known_word_is_itself() -> None:
    assert SPELLING.meanings("milk") == {"milk": 1.0}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("choclate", "chocolate"), ("chocolat", "chocolate"), ("powdr", "powder"), ("crn", "corn")],
)
def test_a_misspelt_word_is_like_the_one_that_was_meant(written: str, meant: str) -> None:
    meanings = SPELLING.meanings(written)
    assert max(meanings, key=meanings.__getitem__) == meant
    assert meanings[meant] > 0.72


def test_one_wrong_letter_of_four_makes_another_word_but_two_exchanged_do_not() -> None:
    assert SPELLING.meanings("beer")["beef"] < 0.72
    assert SPELLING.meanings("mlik")["milk"] == 0.9
