"""What the web ACLs and the webhook of a stage let through: a part of its settings."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: PayStack's addresses: https://paystack.com/docs/payments/webhooks/#ip-whitelisting
PAYSTACK_SOURCES = (
    IPv4Network("52.31.139.75/32"),
    IPv4Network("52.49.173.169/32"),
    IPv4Network("52.214.14.220/32"),
)

API_ACL = "api"
SIGN_IN_ACL = "sign-in"
"""The names of the web ACLs, after the stage's prefix."""

Networks = tuple[IPv4Network | IPv6Network, ...]


class GuardRule(StrEnum):
    """The rules of the web ACLs, by the names of the rules and of their metrics."""

    DENIED_ADDRESSES = "DeniedAddresses"
    OVERSIZED_BODY = "OversizedBody"
    ARRAY_BODY = "ArrayBody"
    SQL_INJECTION = "SqlInjection"
    AWS_SQL_INJECTION = "AwsSqlInjection"
    AWS_COMMON = "AwsCommon"
    AWS_KNOWN_BAD_INPUTS = "AwsKnownBadInputs"
    ALLOWED_ADDRESSES = "AllowedAddresses"
    RATE = "Rate"
    SIGNED_RATE = "SignedRate"
    AWS_IP_REPUTATION = "AwsIpReputation"
    SIGN_IN_RATE = "SignInRate"


UNPROVED = (
    GuardRule.SQL_INJECTION,
    GuardRule.AWS_SQL_INJECTION,
    GuardRule.AWS_COMMON,
    GuardRule.AWS_KNOWN_BAD_INPUTS,
    GuardRule.AWS_IP_REPUTATION,
)
"""The rules whose patterns AWS keeps to itself: they count until a stage's own traffic has shown
that they match no customer (docs/runbooks/waf.md)."""


class GuardSettings(BaseModel):
    """What a stage lets through.

    Attributes:
        counting: the rules that count only; all others block.
        denied_addresses: networks that reach neither the API nor the sign-in.
        allowed_addresses: networks without a limit of rate, whose content is inspected all the
            same: many customers behind one address, or a load test.
        webhook_sources: networks that may call the webhook; none lets in every address, since the
            signature decides.
        webhook_concurrency: calls of the webhook at once, reserved out of the account's. None
            reserves nothing: an account that is new has too few.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    counting: tuple[GuardRule, ...] = ()
    denied_addresses: Networks = ()
    allowed_addresses: Networks = ()
    webhook_sources: Networks = ()
    webhook_concurrency: Annotated[int, Field(ge=1, le=100)] | None = None


BLOCKING = GuardSettings()
"""Every rule blocks."""

LOCAL = GuardSettings(allowed_addresses=(IPv4Network("127.0.0.1/32"),))
"""As :data:`BLOCKING`; the address of this machine, where all clients and tests are, is exempt from
limits of rate. Those come from another address of the loopback network."""

COUNTING_FIRST = GuardSettings(
    counting=UNPROVED, webhook_sources=PAYSTACK_SOURCES, webhook_concurrency=20
)
"""For stages with customers, until they have shown that the unproved rules let them through."""
