"""An attempt, its request, the scene that it is made in, and the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol


class Risk(StrEnum):
    """The OWASP API Security Top 10 (2023)."""

    OBJECTS = "API1 Broken Object Level Authorization"
    AUTHENTICATION = "API2 Broken Authentication"
    PROPERTIES = "API3 Broken Object Property Level Authorization"
    RESOURCES = "API4 Unrestricted Resource Consumption"
    FUNCTIONS = "API5 Broken Function Level Authorization"
    FLOWS = "API6 Unrestricted Access to Sensitive Business Flows"
    SERVER_SIDE = "API7 Server Side Request Forgery"
    CONFIGURATION = "API8 Security Misconfiguration"
    INVENTORY = "API9 Improper Inventory Management"
    PROVIDERS = "API10 Unsafe Consumption of APIs"


class Channel(StrEnum):
    """What a request is sent to."""

    GRAPHQL = "the GraphQL API"
    SOCKET = "the GraphQL API's WebSocket"
    WEBHOOK = "PayStack's webhook"
    RETURN = "the address that PayStack sends customers back to"


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        path: with the query string. Of a webhook or a return, below the function's URL.
        headers: of a WebSocket, those in its ``header`` parameter.
        content: the body; of a WebSocket, the ``start`` message that follows.
    """

    channel: Channel
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = "/graphql"


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        refusals: HTTP statuses of 300 and above, the errors' types (``invalid`` of an error without
            one), ``empty`` for a page without orders, and the webhook's result.
        is_granted: whether the answer has data of an order or a subscription, or leads elsewhere
            than to the shop.
        text: all of it.
    """

    refusals: frozenset[str]
    is_granted: bool
    text: str


@dataclass(frozen=True)
class Facts:
    """What an attacker may know or have guessed, and the token that is theirs.

    Attributes:
        order: the id of the victim's order, which waits for its payment of ``kobo``.
        token: the attacker's own, which is valid.
        public_key: the pool's key, which is public (PEM), and its id.
        webhook_key: PayStack's secret; attempts of a provider that goes wrong use it.
    """

    order: str
    reference: str
    kobo: int
    victim_sub: str
    victim_email: str
    attacker_sub: str
    attacker_email: str
    token: str
    public_key: bytes
    key_id: str
    webhook_key: str

    def fill(self, text: str) -> str:
        """The text with ``<order>``, ``<victim>`` and their kin replaced."""
        known = {
            "order": self.order,
            "reference": self.reference,
            "victim": self.victim_sub,
            "victim-email": self.victim_email,
            "attacker": self.attacker_sub,
            "attacker-email": self.attacker_email,
            "token": self.token,
        }
        for name, value in known.items():
            text = text.replace(f"<{name}>", value)
        return text.replace('"<kobo>"', str(self.kobo))


class Scene(Protocol):
    """A shop with a victim's order, in memory or deployed."""

    facts: Facts

    def send(self, request: Request) -> Answer:
        """Sends a request."""

    def use_up_the_limit(self) -> None:
        """From now on the attacker may send no further list for a while."""

    def effects(self) -> Any:
        """All that no attempt may change: the victim's order, the executions, and e-mails."""


@dataclass(frozen=True)
class Attempt:
    """One row of the table.

    Attributes:
        build: makes the request.
        refused: what the answer may say; see :attr:`Answer.refusals`.
        is_over_limit: whether the attacker has sent as many lists as the limit allows.
    """

    risk: Risk
    name: str
    build: Callable[[Facts], Request]
    refused: frozenset[str]
    is_over_limit: bool = False

    def __str__(self) -> str:
        return f"{self.risk.split()[0]} {self.name}"


def problems(
    scene: Scene,
    attempts: Iterable[Attempt],
    secrets: Iterable[str],
    before_us: frozenset[str] = frozenset(),
) -> list[str]:
    """Makes the attempts; what is wrong with how they end, in words.

    Each has to be refused as the table says, and to reveal none of the secrets; together they have
    to change nothing. ``before_us`` are the refusals of what stands before the API.
    """
    before = scene.effects()
    found = [
        problem
        for each in attempts
        for problem in _problems(scene, each, [*secrets], each.refused | before_us)
    ]
    after = scene.effects()
    return found if after == before else [*found, f"{before} became {after}"]


def _problems(
    scene: Scene, attempt: Attempt, secrets: Iterable[str], refused: frozenset[str]
) -> list[str]:
    if attempt.is_over_limit:
        scene.use_up_the_limit()
    answer = scene.send(attempt.build(scene.facts))
    checks = {
        "is granted": answer.is_granted,
        "is not refused": not answer.refusals,
        f"is refused with {sorted(answer.refusals)}": not answer.refusals <= refused,
        "reveals a secret": any(secret in answer.text for secret in secrets),
    }
    return [f"{attempt} {what}: {answer.text[:300]}" for what, found in checks.items() if found]


INVALID: Final = "invalid"
EMPTY: Final = "empty"


def read_graphql(status: int, text: str) -> Answer:
    """The answer of the GraphQL API."""
    refusals = {str(status)} if status >= 300 else set()
    try:
        body = json.loads(text)
    except ValueError:
        body = {}
    if not refusals:
        refusals |= {error.get("errorType") or INVALID for error in body.get("errors") or ()}
    answered = [value for value in (body.get("data") or {}).values() if value is not None]
    pages = [value for value in answered if isinstance(value, dict) and value.get("items") == []]
    if pages:
        refusals.add(EMPTY)
    return Answer(frozenset(refusals), len(answered) > len(pages), text)


def read_frame(frame: Mapping[str, Any]) -> Answer:
    """The first frame after a ``start``, or the refusal of the connection."""
    errors = (frame.get("payload") or {}).get("errors") or ()
    refusals = {error.get("errorType") or INVALID for error in errors}
    return Answer(frozenset(refusals), frame["type"] in {"start_ack", "data"}, json.dumps(frame))


def read_webhook(status: int, text: str) -> Answer:
    """The webhook's answer."""
    result = json.loads(text)["result"]
    return Answer(frozenset({result}), result in {"recorded", "repeated"}, f"{status} {text}")


#: All headers of the answer to a return, less those that HTTP servers add.
_RETURN_HEADERS: Final = {"location", "cache-control", "referrer-policy"}


def read_return(status: int, headers: Mapping[str, str], text: str, shop_page: str) -> Answer:
    """The answer to a return: it leads to the shop's page, whatever was asked."""
    ours = {name.lower(): value for name, value in headers.items()}
    leads_elsewhere = ours.get("location") != shop_page or "set-cookie" in ours
    shown = {name: value for name, value in ours.items() if name in _RETURN_HEADERS}
    return Answer(frozenset({str(status)}), leads_elsewhere, json.dumps(shown) + text)


def unnoted(order: dict[str, Any]) -> dict[str, Any]:
    """An order without the notes of payments that are not its own, and of declined ones."""
    noted = {"declined", "refunds_due", "refunds_revision"}
    return {name: value for name, value in order.items() if name not in noted}
