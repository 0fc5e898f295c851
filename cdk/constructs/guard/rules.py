"""The rules of the two web ACLs, in the order in which they are evaluated.

An address that is allowed passes after its content was inspected, so that the set exempts from
limits of rate and from the reputation of addresses, and from nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import aws_wafv2 as waf

from cdk.constructs.guard import statements
from cdk.constructs.guard.statements import Statement
from cdk.guard_settings import GuardRule

INSPECTED_BYTES = 8_192
"""What AppSync hands to WAF of a body:
https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html"""

WINDOW_SECONDS = 300

RATE_LIMIT = 2_000
"""Requests of one address in five minutes."""

SIGNED_RATE_LIMIT = 60_000
"""The same for requests that are signed with SigV4: publish_order_updates sends one for each change
of status, all of them from a few addresses of Lambda's. AppSync refuses a signature that is not
ours before any resolver runs."""

_SIZE_OF_BODIES = "SizeRestrictions_BODY"
"""AWS's rule against bodies above 8 KB, signed or not; ours is :func:`_oversized`.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html"""

_COMMON_ABOUT_WORDS = (
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "CrossSiteScripting_BODY",
)
_SQL_ABOUT_WORDS = ("SQLi_BODY", "SQLiExtendedPatterns_BODY")
"""AWS's rules that look for patterns of which AWS does not say what they match in bodies, and so in
customers' words: they count. Those about known exploits (Log4j, Java's serialization) block.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html"""

SIGN_IN_LIMIT = 500
"""Steps of sign-ins of one address in five minutes; a sign-in with SRP and TOTP takes three. A
hundred customers behind one address take 300; 250 passwords can be tried, and Cognito locks a user
after five wrong ones."""

SIGN_IN_OPERATIONS = (
    "ConfirmForgotPassword",
    "ConfirmSignUp",
    "ForgotPassword",
    "InitiateAuth",
    "ResendConfirmationCode",
    "RespondToAuthChallenge",
    "SignUp",
)
"""Cognito's operations that need no token: each is a chance to guess, or sends an e-mail."""

_SIGNED = statements.header_matches("authorization", "^AWS4-HMAC-SHA256 ")
# The header of Cognito's clients, and the one that Cognito itself adds for WAF:
# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-waf.html
_SIGN_IN = statements.either(
    *(
        statements.header_matches(header, rf"^{service}({'|'.join(SIGN_IN_OPERATIONS)})$")
        for header, service in (
            ("x-amz-target", r"AWSCognitoIdentityProviderService\."),
            ("x-amzn-cognito-operation-name", ""),
        )
    )
)


class Match(StrEnum):
    """What a rule does with a request that it matches."""

    STOP = "stop"  # block, or count while the rule is among those that count
    ALLOW = "allow"
    GROUP = "group"  # as the group's own rules say, or count


@dataclass(frozen=True)
class Addresses:
    """The sets of denied and allowed addresses, one for each version of IP."""

    denied: Sequence[waf.CfnIPSet]
    allowed: Sequence[waf.CfnIPSet]


Rules = Sequence[tuple[GuardRule, Statement, Match]]


def api_rules(addresses: Addresses) -> Rules:
    """The rules before the API."""
    rate = statements.faster_than(RATE_LIMIT, WINDOW_SECONDS, statements.not_(_SIGNED))
    signed_rate = statements.faster_than(SIGNED_RATE_LIMIT, WINDOW_SECONDS, _SIGNED)
    return [
        *_denied(addresses),
        (GuardRule.OVERSIZED_BODY, _oversized(), Match.STOP),
        (GuardRule.ARRAY_BODY, statements.body_matches(r"^\s*\["), Match.STOP),
        (GuardRule.SQL_INJECTION, statements.sql_injection_in_json(), Match.STOP),
        _group(GuardRule.AWS_SQL_INJECTION, "AWSManagedRulesSQLiRuleSet", *_SQL_ABOUT_WORDS),
        _group(
            GuardRule.AWS_COMMON,
            "AWSManagedRulesCommonRuleSet",
            _SIZE_OF_BODIES,
            *_COMMON_ABOUT_WORDS,
        ),
        _group(GuardRule.AWS_KNOWN_BAD_INPUTS, "AWSManagedRulesKnownBadInputsRuleSet"),
        *_allowed(addresses),
        (GuardRule.RATE, rate, Match.STOP),
        (GuardRule.SIGNED_RATE, signed_rate, Match.STOP),
        _group(GuardRule.AWS_IP_REPUTATION, "AWSManagedRulesAmazonIpReputationList"),
    ]


def sign_in_rules(addresses: Addresses) -> Rules:
    """The rules before the user pool. WAF sees neither names nor passwords there."""
    rate = statements.faster_than(SIGN_IN_LIMIT, WINDOW_SECONDS, _SIGN_IN)
    return [
        *_denied(addresses),
        *_allowed(addresses),
        (GuardRule.SIGN_IN_RATE, rate, Match.STOP),
        _group(GuardRule.AWS_IP_REPUTATION, "AWSManagedRulesAmazonIpReputationList"),
    ]


def _denied(addresses: Addresses) -> Rules:
    return [(GuardRule.DENIED_ADDRESSES, statements.from_addresses(addresses.denied), Match.STOP)]


def _allowed(addresses: Addresses) -> Rules:
    return [
        (GuardRule.ALLOWED_ADDRESSES, statements.from_addresses(addresses.allowed), Match.ALLOW)
    ]


def _oversized() -> Statement:
    """The update of an order with many lines is longer, and is signed."""
    return statements.both(statements.not_(_SIGNED), statements.body_longer_than(INSPECTED_BYTES))


def _group(rule: GuardRule, name: str, *counted: str) -> tuple[GuardRule, Statement, Match]:
    return rule, statements.managed_group(name, *counted), Match.GROUP
