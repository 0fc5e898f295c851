"""Removes personal data from texts that others see, such as the error message of a service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

_REMOVED: Final = "[removed]"

#: Shorter words identify no person, and occur within many unrelated texts.
_SHORTEST: Final = 3

_EMAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+")


def without_personal_data(text: str, personal: Iterable[str]) -> str:
    """The text without these personal texts and without any e-mail address.

    Args:
        text: the text to clean.
        personal: whole words or lines, matched in any case, as written or as JSON escapes them.
    """
    text = _EMAIL.sub(_REMOVED, text)
    # The longest first: a line of the list before a word of it.
    for each in sorted(_written_forms(personal), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", _REMOVED, text, flags=re.IGNORECASE)
    return text


def _written_forms(personal: Iterable[str]) -> set[str]:
    plain = {each.strip() for each in personal}
    long_enough = {each for each in plain if len(each) >= _SHORTEST}
    # Services quote their input as JSON, with or without escapes for characters beyond ASCII.
    return {
        form
        for each in long_enough
        for form in (each, json.dumps(each)[1:-1], json.dumps(each, ensure_ascii=False)[1:-1])
    }
