"""What an order pays for, by capability: the measured amounts, each counted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scripts.cost.usage import Unit, Usage


@dataclass(frozen=True)
class Capability:
    """A part of the system that an order pays for.

    Attributes:
        details: what its amounts were used for, such as functions, states, tables.
        units: units that it alone uses.
        is_new: whether the earlier build did not have it.
    """

    name: str
    details: frozenset[str] = frozenset()
    units: frozenset[Unit] = frozenset()
    is_new: bool = False

    def uses(self, unit: Unit, detail: str) -> bool:
        """Whether an amount is its own."""
        return unit in self.units or detail in self.details


#: The first that an amount fits has it.
CAPABILITIES: Final = (
    Capability(
        "e-mails: SES, the state and the functions that send them",
        frozenset({"NotifyCustomer", "send-payment-link", "send-status-emails", "addresses"}),
        frozenset({Unit.EMAILS}),
    ),
    Capability(
        "breakers that are states of the workflow, with the choices they lead to",
        frozenset({"ReadBreakers", "BedrockAvailable?", "LinkPossible?", "breakers"}),
    ),
    Capability(
        "waiting for the payment, verifying it at PayStack, completing the order",
        frozenset(
            {"AwaitPayment", "VerifyPayment", "CompleteOrder", "verify-payment", "payment-webhook"}
        ),
    ),
    Capability(
        "parsing, matching, making the link",
        frozenset(
            {
                "ParseOrder",
                "MatchProducts",
                "CreatePaymentLink",
                "catalog",
                "parse-order",
                "match-products",
                "create-payment-link",
            }
        ),
    ),
    Capability(
        "live updates: one for each change that customers see",
        frozenset({"publish-order-updates", "publishOrderUpdate", "updates"}),
    ),
    Capability(
        "the audit of each act, in a log and an archive of its own",
        frozenset({"collect-audit", "audit"}),
        is_new=True,
    ),
    Capability(
        "customers who come back from the checkout are answered at once",
        frozenset({"payment-return", "return limits"}),
        is_new=True,
    ),
    Capability("a limit of lists for each customer", frozenset({"submissions"}), is_new=True),
)
REST: Final = Capability("the API, the table of orders with its indexes, tracing, keys")


def by_capability(used: Usage) -> list[tuple[Capability, Usage]]:
    """The usage of each capability, and the rest at last."""
    parts = {each.name: Usage() for each in (*CAPABILITIES, REST)}
    for unit, detail, amount in used:
        owner = next((each for each in CAPABILITIES if each.uses(unit, detail)), REST)
        parts[owner.name].add(unit, amount, detail)
    return [(each, parts[each.name]) for each in (*CAPABILITIES, REST)]


def without_new(used: Usage) -> Usage:
    """The usage without the capabilities that the earlier build did not have."""
    return Usage.total(part for each, part in by_capability(used) if not each.is_new)
