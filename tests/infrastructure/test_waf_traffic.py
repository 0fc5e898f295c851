"""Customers pass the synthesized web ACL; textbook attacks and floods do not.

The figures of docs/security/waf.md come from the same traffic (``make waf-report``).
"""

from __future__ import annotations

from collections import Counter

import pytest

from orderflow.api.publisher import PUBLISH
from orderflow.api.views import order_update
from orderflow.grocery_list.parser import MAX_LINES
from orderflow.grocery_list.size import bytes_in_json, length_problem
from scripts.local.waf import sql_injection
from scripts.local.waf.fields import INSPECTED_BYTES
from scripts.local.waf.request import WebRequest
from scripts.local.waf.web_acl import Action, WebAcl
from tests.support.factories import an_order, matched_line
from tests.support.templates import Synthesize
from tests.waf import traffic

LIMIT = 2_000
SIGN_IN_LIMIT = 500
needs_libinjection = pytest.mark.skipif(
    not sql_injection.AVAILABLE, reason="no libinjection for this system"
)


@pytest.fixture
def acl(synthesize: Synthesize) -> WebAcl:
    """The web ACL of the API where every rule blocks, fresh."""
    return WebAcl.from_template(synthesize("dev").guard, "grocery-dev-api")


def blocked(acl: WebAcl, requests: list[WebRequest]) -> Counter[str]:
    """How many requests each rule blocks."""
    verdicts = [acl.evaluate(each) for each in requests]
    return Counter(str(each.rule) for each in verdicts if each.action is Action.BLOCK)


@pytest.mark.parametrize("escaped", [False, True], ids=["UTF-8", "escaped"])
@pytest.mark.parametrize("kind", traffic.legitimate_lists())
def test_no_rule_stops_a_customers_list(acl: WebAcl, kind: str, escaped: bool) -> None:
    for text in traffic.legitimate_lists()[kind]:
        verdict = acl.decide(WebRequest("198.51.100.1", traffic.submission(text, escaped=escaped)))
        assert verdict.action is Action.ALLOW, (verdict, text)


def test_no_rule_stops_a_message_of_any_shopper(acl: WebAcl) -> None:
    assert _stopped(acl) == set()


def test_a_list_is_not_stopped_whatever_the_detector_takes_for_sql(
    synthesize: Synthesize, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS does not say how it decides: here it takes every text for SQL."""
    monkeypatch.setattr(sql_injection, "AVAILABLE", True)
    monkeypatch.setattr(sql_injection, "finds_injection", lambda _: True)
    suspicious = WebAcl.from_template(synthesize("dev").guard, "grocery-dev-api")

    assert _stopped(suspicious) == set()
    for kind in traffic.legitimate_lists().values():
        for text in kind:
            assert suspicious.decide(WebRequest("198.51.100.1", traffic.submission(text))).rule is (
                None
            ), text


def _stopped(acl: WebAcl) -> set[str]:
    """The ids of the messages that are stopped. Some are held out: their texts are not shown."""
    messages = traffic.messages()
    assert len(messages) > 1_600
    return {
        message_id
        for number, (message_id, text) in enumerate(messages)
        for escaped in (False, True)
        if acl.decide(_from(number, traffic.submission(text, escaped=escaped))).rule
    }


def _from(customer: int, body: bytes) -> WebRequest:
    """A request of one of many customers, each with an address: none is too fast."""
    return WebRequest(f"198.51.{customer // 250}.{customer % 250}", body)


def test_no_rule_stops_the_pages_queries(acl: WebAcl) -> None:
    assert len(traffic.page_queries()) >= 3
    for query in traffic.page_queries():
        assert acl.decide(WebRequest("198.51.100.1", traffic.encoded(query, {}))).rule is None


@pytest.mark.parametrize("escaped", [False, True], ids=["UTF-8", "escaped"])
@pytest.mark.parametrize("unit", ["x", "ẹ̀wà ", "ƙwai ", "🍚", '"', "'", "\n"])
def test_the_longest_list_that_is_accepted_passes(acl: WebAcl, unit: str, escaped: bool) -> None:
    text = unit * (6_000 // bytes_in_json(unit))
    while length_problem(text):
        text = text[: -len(unit)]
    verdict = acl.decide(WebRequest("198.51.100.1", traffic.submission(text, escaped=escaped)))
    assert verdict.rule is None


@pytest.mark.parametrize("addresses", [1, 5, 50])
def test_a_hundred_customers_pass_behind_few_addresses(acl: WebAcl, addresses: int) -> None:
    requests = traffic.crowd(100, addresses)
    assert len(requests) == 100 * traffic.ORDERS * (1 + traffic.LOOKS)
    assert blocked(acl, requests) == {}


def test_our_own_function_publishes_faster_than_any_customer_may(acl: WebAcl) -> None:
    assert blocked(acl, traffic.publishing(per_second=100, seconds=300)) == {}


@pytest.mark.parametrize("kind", traffic.attacks())
def test_textbook_attacks_are_blocked_by_the_rule_for_them(acl: WebAcl, kind: str) -> None:
    if kind.startswith("SQL") and not sql_injection.AVAILABLE:
        pytest.skip("no libinjection for this system")
    for rule, body in traffic.attacks()[kind]:
        verdict = acl.decide(WebRequest("203.0.113.9", body))
        assert (verdict.action, verdict.rule) == (Action.BLOCK, rule), body[:80]


def test_a_flood_is_blocked_from_its_2001st_request_on(acl: WebAcl) -> None:
    found = [acl.evaluate(each) for each in traffic.flood(per_second=20, seconds=300)]
    assert [each.action for each in found] == [
        *[Action.ALLOW] * LIMIT,
        *[Action.BLOCK] * (len(found) - LIMIT),
    ]
    assert {each.rule for each in found[LIMIT:]} == {"Rate"}


def test_a_flood_stops_no_other_address(acl: WebAcl) -> None:
    crowd = traffic.crowd(100, 50)
    requests = sorted([*crowd, *traffic.flood(50, 300)], key=lambda each: each.now)
    verdicts = [(each.address, acl.evaluate(each)) for each in requests]
    stopped = {address for address, verdict in verdicts if verdict.action is Action.BLOCK}
    assert stopped == {"203.0.113.9"}


def test_an_address_passes_again_after_the_flood(acl: WebAcl) -> None:
    blocked(acl, traffic.flood(per_second=20, seconds=300))
    later = traffic.flood(1, 1)[0]
    assert acl.decide(WebRequest(later.address, later.body, later.headers, now=600.1)).rule is None


@needs_libinjection
def test_what_counts_first_stops_nothing_and_is_counted(synthesize: Synthesize) -> None:
    counting = WebAcl.from_template(synthesize("prod").guard, "grocery-prod-api")
    body = traffic.submission(traffic.SQL_INJECTIONS[0])
    verdict = counting.evaluate(WebRequest("203.0.113.9", body))
    assert (verdict.action, verdict.counted) == (Action.ALLOW, ("SqlInjection",))
    assert counting.counts[Action.COUNT, "SqlInjection"] == 1


def test_the_address_of_this_machine_has_no_rate_but_its_content_is_inspected(
    synthesize: Synthesize,
) -> None:
    local = WebAcl.from_template(synthesize("local").guard, "grocery-local-api")
    here = "127.0.0.1"
    assert blocked(local, traffic.flood(20, 300, here)) == {}
    assert local.decide(WebRequest(here, b"x" * 9_000)).rule == "OversizedBody"
    assert blocked(local, traffic.flood(20, 300, "127.0.0.2"))["Rate"] == 4_000


def test_the_update_of_an_order_with_the_most_lines_passes(acl: WebAcl) -> None:
    """It is signed, and longer than what WAF inspects; the same without a signature is blocked."""
    order = an_order(lines=[matched_line() for _ in range(MAX_LINES)])
    body = traffic.encoded(PUBLISH, {"input": order_update(order)})
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20261129/eu-west-1/appsync"}

    assert len(body) > INSPECTED_BYTES
    assert acl.decide(WebRequest("192.0.2.44", body, signed)).action is Action.ALLOW
    assert acl.decide(WebRequest("192.0.2.44", body)).rule == "OversizedBody"


@pytest.mark.parametrize(
    "header", ["x-amz-target", "x-amzn-cognito-operation-name"], ids=["client", "Cognito"]
)
def test_an_address_makes_500_steps_of_sign_ins_in_five_minutes(
    synthesize: Synthesize, header: str
) -> None:
    sign_in = WebAcl.from_template(synthesize("prod").guard, "grocery-prod-sign-in")
    service = "AWSCognitoIdentityProviderService." if header == "x-amz-target" else ""

    def steps(operation: str, count: int, start: float) -> list[WebRequest]:
        named = {header: f"{service}{operation}"}
        return [
            WebRequest("203.0.113.9", b"{}", named, now=start + number / 100)
            for number in range(count)
        ]

    assert blocked(sign_in, steps("GetUser", 1_000, 0)) == {}  # needs a token
    assert blocked(sign_in, steps("InitiateAuth", 250, 20)) == {}
    assert blocked(sign_in, steps("RespondToAuthChallenge", 251, 30)) == {"SignInRate": 1}
    assert blocked(sign_in, steps("RespondToAuthChallenge", 1, 400)) == {}


def test_a_hundred_customers_sign_in_behind_one_address(synthesize: Synthesize) -> None:
    sign_in = WebAcl.from_template(synthesize("prod").guard, "grocery-prod-sign-in")
    operations = ("InitiateAuth", "RespondToAuthChallenge", "RespondToAuthChallenge")
    requests = [
        WebRequest("198.51.100.1", b"{}", {"x-amzn-cognito-operation-name": each}, now=float(n))
        for n in range(100)
        for each in operations
    ]
    assert blocked(sign_in, requests) == {}
