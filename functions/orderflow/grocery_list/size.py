r"""The length of a list: in characters, and in bytes inside a request.

AWS WAF inspects the first 8,192 bytes of a request to the API and refuses longer ones
(docs/security/waf.md). A list has to fit with the query and the other fields, however the client
writes its JSON: some libraries write every letter beyond ASCII, and what is special in HTML, as an
escape of six bytes (``\u1ecd``), two of them for an emoji.
"""

from __future__ import annotations

import re
from typing import Final

from orderflow.grocery_list.parser import MAX_CHARACTERS

#: The most bytes of a list; what is left of WAF's 8,192 is the query's and the other fields'.
MAX_BYTES: Final = 6_000

# RFC 8259, section 7: the short escapes. "/" is one of them in some libraries.
_SHORT_ESCAPE: Final = re.compile(r'["\\/\b\f\n\r\t]')
_PLAIN: Final = re.compile(r"[A-Za-z0-9 !#$%()*+,\-.:;?@\[\]^_`{|}~]")
_ESCAPE_BYTES: Final = 6


def bytes_in_json(text: str) -> int:
    """The bytes of a text inside a JSON string, where a library escapes all that any of them does.

    One for ASCII letters, digits, spaces and most signs; two for line breaks, quotation marks and
    slashes; six for all others, and twelve for characters beyond the Basic Multilingual Plane.
    """
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    plain, short = len(_PLAIN.findall(text)), len(_SHORT_ESCAPE.findall(text))
    return plain + 2 * short + _ESCAPE_BYTES * (units - plain - short)


def length_problem(text: str) -> str | None:
    """For the customer: why a list is too long to be sent, and what to do; None if it is not."""
    if len(text) > MAX_CHARACTERS:
        return (
            f"The list has {len(text):,} characters; at most {MAX_CHARACTERS:,} are allowed. "
            "Please split it into several orders."
        )
    if (size := bytes_in_json(text)) > MAX_BYTES:
        return (
            f"The list takes {size:,} bytes; at most {MAX_BYTES:,} are allowed, and a letter with "
            "an accent takes six. Please split it into several orders."
        )
    return None
