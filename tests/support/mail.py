"""A mailer for tests: SES in memory, no marked addresses, refusals collected."""

from __future__ import annotations

from collections.abc import Collection

from orderflow.emails.mailer import Mailer
from orderflow.platform import aws


class Addresses:
    """The marked addresses of a test."""

    def __init__(self, *marked: str) -> None:
        self._marked = marked

    def is_marked(self, address: str) -> bool:
        """Whether the test marked the address."""
        return address in self._marked


def a_mailer(
    sender: str, marked: Collection[str] = (), refusals: list[str] | None = None
) -> Mailer:
    """A mailer that adds refusals of our account to ``refusals``."""
    collected = [] if refusals is None else refusals
    return Mailer(aws.ses(), sender, Addresses(*marked), collected.append)
