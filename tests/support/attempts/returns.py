"""Attempts on the address that customers come back to: each leads to the shop."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from tests.support.attempts.attempt import Attempt, Channel, Facts, Request, Risk
from tests.support.attempts.requests import Build, rows

#: To the shop's page.
SENT_ON: Final = "303"


def come_back(path: str, method: str = "GET", content: bytes = b"", **headers: str) -> Build:
    """A request to the address; the path holds the facts' names."""

    def build(facts: Facts) -> Request:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return Request(Channel.RETURN, content, given, method, facts.fill(path))

    return build


def _named(reference: str) -> Build:
    named = quote(reference, safe="<>")
    return come_back(f"/?trxref={named}&reference={named}")


RETURNS: Final[list[Attempt]] = [
    *rows(Risk.OBJECTS, SENT_ON, {
        "a return with another customer's reference": _named("<reference>"),
        "a return with a reference that was not made": _named("<order>-9999"),
    }),
    *rows(Risk.SERVER_SIDE, SENT_ON, {
        "a return that names where to go on": come_back(
            "/?reference=<reference>&callback=https://attacker.example&redirect=//attacker.example"
        ),
        "a return whose reference is an address": _named("http://169.254.169.254/latest/meta-data/"),
        "a return by another host's name": come_back(
            "/?reference=x-1", x_forwarded_host="attacker.example", forwarded="host=evil.example"
        ),
    }),
    *rows(Risk.CONFIGURATION, SENT_ON, {
        "a return with headers in its reference": _named(
            "x-1\r\nLocation: https://attacker.example\r\nSet-Cookie: session=1"
        ),
        "a return with a script in its reference": _named("<script>alert(1)</script>-1"),
        "a return with SQL in its reference": _named("' OR 1=1; -- -1"),
    }),
    *rows(Risk.RESOURCES, SENT_ON, {
        "a return with a reference of 8,000 characters": _named("a" * 8_000 + "-1"),
        "a return with a hundred references": come_back("/?" + "&".join(["reference=x-1"] * 100)),
    }),
    *rows(Risk.INVENTORY, SENT_ON, {
        "a payment posted to the return address": come_back(
            "/?reference=<reference>", "POST", b'{"event": "charge.success"}'
        ),
        "a return by DELETE": come_back("/?reference=<reference>", "DELETE"),
    }),
]  # fmt: skip
