"""Web ACLs are evaluated as AWS documents it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.local.waf import sql_injection
from scripts.local.waf.fields import INSPECTED_BYTES
from scripts.local.waf.rate import MOST_ADDRESSES, RateCounter
from scripts.local.waf.request import WebRequest
from scripts.local.waf.web_acl import Action, Verdict, WebAcl, WebAclNotFoundError

NONE = [{"Type": "NONE", "Priority": 0}]
BODY = {"Body": {"OversizeHandling": "CONTINUE"}}
JSON_BODY: dict[str, Any] = {
    "MatchPattern": {"All": {}},
    "MatchScope": "ALL",
    "InvalidFallbackBehavior": "EVALUATE_AS_STRING",
}


def rule(name: str, statement: dict[str, Any], action: str = "Block", priority: int = 0) -> Any:
    return {"Name": name, "Priority": priority, "Action": {action: {}}, "Statement": statement}


def acl(*rules: Any, sets: dict[str, list[str]] | None = None, default: str = "Allow") -> WebAcl:
    resources: dict[str, Any] = {
        name: {"Type": "AWS::WAFv2::IPSet", "Properties": {"Addresses": addresses}}
        for name, addresses in (sets or {}).items()
    }
    content = {"Name": "front", "DefaultAction": {default: {}}, "Rules": list(rules)}
    resources["Acl"] = {"Type": "AWS::WAFv2::WebACL", "Properties": content}
    return WebAcl.from_template({"Resources": resources}, "front")


def contains(text: str, field: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    statement = {
        "SearchString": text,
        "PositionalConstraint": "CONTAINS",
        "FieldToMatch": field or BODY,
        "TextTransformations": NONE,
        **more,
    }
    return {"ByteMatchStatement": statement}


def request(body: bytes | str = b"", address: str = "192.0.2.7", **more: Any) -> WebRequest:
    content = body.encode() if isinstance(body, str) else body
    return WebRequest(address, content, **more)


def from_set(name: str) -> dict[str, Any]:
    return {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": [name, "Arn"]}}}


def rate(limit: int, window: int = 300, **more: Any) -> dict[str, Any]:
    statement = {"AggregateKeyType": "IP", "Limit": limit, "EvaluationWindowSec": window, **more}
    return {"RateBasedStatement": statement}


class TestRules:
    def test_the_first_rule_by_priority_that_matches_decides(self) -> None:
        both = acl(
            rule("second", contains("milk"), "Allow", priority=7),
            rule("first", contains("milk"), priority=3),
        )
        assert both.decide(request("milk")) == Verdict(Action.BLOCK, "first")

    def test_what_no_rule_matches_gets_the_default_action(self) -> None:
        assert acl(rule("a", contains("x"))).decide(request("y")) == Verdict(Action.ALLOW)
        closed = acl(rule("a", contains("x"), "Allow"), default="Block")
        assert closed.decide(request("y")) == Verdict(Action.BLOCK)

    def test_a_rule_that_counts_stops_nothing_and_is_noted(self) -> None:
        counting = acl(
            rule("counted", contains("milk"), "Count"), rule("block", contains("milk"), priority=1)
        )
        assert counting.decide(request("milk")) == Verdict(Action.BLOCK, "block", ("counted",))

    def test_requests_are_counted_by_action_and_rule(self) -> None:
        both = acl(
            rule("counted", contains("m"), "Count"), rule("block", contains("mi"), priority=1)
        )
        for body in ("milk", "me", "you", "mi"):
            both.evaluate(request(body))
        assert both.counts == {
            (Action.COUNT, "counted"): 3,
            (Action.BLOCK, "block"): 2,
            (Action.ALLOW, ""): 2,
        }

    def test_managed_groups_are_listed_as_not_evaluated_and_match_nothing(self) -> None:
        group = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedX"}}
        content = {
            "Name": "group",
            "Priority": 0,
            "OverrideAction": {"None": {}},
            "Statement": group,
        }
        managed = acl(content)
        assert managed.rules[0].not_evaluated == "AWSManagedX: AWS does not publish its rules"
        assert managed.matches(request("anything")) == {"group": None}
        assert managed.decide(request("anything")) == Verdict(Action.ALLOW)

    @pytest.mark.parametrize(
        "statement",
        [
            {"GeoMatchStatement": {"CountryCodes": ["NG"]}},
            {"NotStatement": {"Statement": {"GeoMatchStatement": {"CountryCodes": ["NG"]}}}},
            contains("x", {"AllQueryArguments": {}}),
            contains("x", TextTransformations=[{"Type": "MD5", "Priority": 0}]),
            contains("x", PositionalConstraint="CONTAINS_WORD"),
            rate(10, AggregateKeyType="FORWARDED_IP"),
        ],
        ids=["statement", "nested", "field", "transformation", "position", "key"],
    )
    def test_what_is_not_known_here_is_never_silently_ignored(
        self, statement: dict[str, Any]
    ) -> None:
        unknown = acl(rule("unknown", statement))
        assert unknown.rules[0].statement is None
        assert unknown.rules[0].not_evaluated

    def test_statements_combine(self) -> None:
        both = {"AndStatement": {"Statements": [contains("a"), contains("b")]}}
        either = {"OrStatement": {"Statements": [contains("a"), contains("b")]}}
        neither = {"NotStatement": {"Statement": either}}
        for body, expected in (("ab", (1, 1, 0)), ("a", (0, 1, 0)), ("c", (0, 0, 1))):
            found = [
                acl(rule("r", each)).decide(request(body)).action is Action.BLOCK
                for each in (both, either, neither)
            ]
            assert found == [bool(each) for each in expected]

    def test_a_template_without_the_web_acl_is_reported(self) -> None:
        with pytest.raises(WebAclNotFoundError, match="no web ACL front"):
            WebAcl.from_template({"Resources": {}}, "front")


class TestAddresses:
    SETS: ClassVar = {"v4": ["192.0.2.0/24"], "v6": ["2001:db8::/48"], "empty": []}

    @pytest.mark.parametrize(
        ("address", "matches"),
        [
            ("192.0.2.255", True),
            ("192.0.3.1", False),
            ("2001:db8::1", True),
            ("2001:db9::1", False),
        ],
    )
    def test_sets_hold_networks_of_both_versions(self, address: str, matches: bool) -> None:
        either = {"OrStatement": {"Statements": [from_set(name) for name in self.SETS]}}
        denied = acl(rule("denied", either), sets=self.SETS)
        verdict = denied.decide(request(address=address))
        assert (verdict.action is Action.BLOCK) is matches


class TestBodies:
    @pytest.mark.parametrize(
        ("handling", "blocked"), [("MATCH", True), ("NO_MATCH", False), ("CONTINUE", False)]
    )
    def test_the_rest_of_a_body_is_oversize(self, handling: str, blocked: bool) -> None:
        size = {
            "ComparisonOperator": "GT",
            "Size": INSPECTED_BYTES,
            "FieldToMatch": {"Body": {"OversizeHandling": handling}},
            "TextTransformations": NONE,
        }
        oversized = acl(rule("size", {"SizeConstraintStatement": size}))
        fits, too_long = b"x" * INSPECTED_BYTES, b"x" * (INSPECTED_BYTES + 1)
        assert oversized.decide(request(fits)).action is Action.ALLOW
        assert (oversized.decide(request(too_long)).action is Action.BLOCK) is blocked

    def test_only_the_inspected_part_of_a_body_is_seen(self) -> None:
        padding = "x" * INSPECTED_BYTES
        seen = acl(rule("r", contains("milk")))
        assert seen.decide(request("milk" + padding)).action is Action.BLOCK
        assert seen.decide(request(padding + "milk")).action is Action.ALLOW

    @pytest.mark.parametrize(
        ("scope", "found"), [("ALL", ["k", "v"]), ("KEY", ["k"]), ("VALUE", ["v"])]
    )
    def test_keys_and_values_of_json_are_inspected_unescaped(
        self, scope: str, found: list[str]
    ) -> None:
        body = json.dumps({"ẹk": [{"a": "ẹv"}, 1, True, None]})
        field = {"JsonBody": {**JSON_BODY, "MatchScope": scope}}
        seen = [
            part
            for part in ("k", "v")
            if acl(rule("r", contains(f"ẹ{part}", field))).matches(request(body))["r"]
        ]
        assert seen == found

    def test_each_of_repeated_keys_is_inspected(self) -> None:
        field = {"JsonBody": JSON_BODY}
        seen = acl(rule("r", contains("milk", field)))
        assert seen.matches(request('{"a": "milk", "a": "bread"}')) == {"r": True}

    @pytest.mark.parametrize(
        ("fallback", "matches"),
        [("MATCH", True), ("NO_MATCH", False), ("EVALUATE_AS_STRING", True)],
    )
    @pytest.mark.parametrize("body", ["{milk", '{"a":' * 5_000 + "milk"])
    def test_what_is_no_json_is_treated_as_the_statement_says(
        self, body: str, fallback: str, matches: bool
    ) -> None:
        field = {"JsonBody": {**JSON_BODY, "InvalidFallbackBehavior": fallback}}
        needle = contains(body[:1], field)
        assert acl(rule("r", needle)).matches(request(body)) == {"r": matches}

    def test_transformations_are_applied_in_their_order(self) -> None:
        steps = [
            {"Type": "LOWERCASE", "Priority": 2},
            {"Type": "HTML_ENTITY_DECODE", "Priority": 1},
            {"Type": "URL_DECODE", "Priority": 0},
        ]
        seen = acl(rule("r", contains("'milk", TextTransformations=steps)))
        assert seen.matches(request("%26%2339%3BMILK")) == {"r": True}

    def test_a_header_is_found_by_its_name_in_any_case(self) -> None:
        seen = acl(rule("r", contains("AWS4", {"SingleHeader": {"Name": "Authorization"}})))
        assert seen.matches(request(headers={"authorization": "AWS4-x"})) == {"r": True}
        assert seen.matches(request()) == {"r": False}


@pytest.mark.skipif(not sql_injection.AVAILABLE, reason="no libinjection for this system")
class TestSqlInjection:
    def test_it_is_found_in_keys_and_values(self) -> None:
        statement = {
            "SensitivityLevel": "LOW",
            "FieldToMatch": {"JsonBody": JSON_BODY},
            "TextTransformations": NONE,
        }
        seen = acl(rule("r", {"SqliMatchStatement": statement}))
        specimen = "' OR '1'='1"
        for body, matches in (
            ({"a": specimen}, True),
            ({specimen: "a"}, True),
            ([{"a": ["b", specimen]}], True),
            ({"a": "2 cups milk"}, False),
        ):
            assert seen.matches(request(json.dumps(body))) == {"r": matches}

    def test_it_is_found_behind_any_number_of_harmless_values(self) -> None:
        assert sql_injection.finds_injection(["milk"] * 1_200 + ["' OR '1'='1"])
        assert not sql_injection.finds_injection(["milk"] * 1_200)

    @given(st.text())
    def test_any_text_can_be_inspected(self, text: str) -> None:
        sql_injection.finds_injection([text])


def test_without_libinjection_the_statement_is_not_evaluated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sql_injection, "AVAILABLE", False)
    statement = {"FieldToMatch": BODY, "TextTransformations": NONE}
    without = acl(rule("r", {"SqliMatchStatement": statement}))
    assert "libinjection" in without.rules[0].not_evaluated


class TestRates:
    def test_requests_beyond_the_limit_match_until_the_window_has_passed(self) -> None:
        counter = RateCounter(limit=3, window_seconds=10)
        assert [counter.exceeds("a", now) for now in (0, 1, 2, 3)] == [False, False, False, True]
        assert counter.exceeds("a", 9)  # requests that are limited count, too
        assert not counter.exceeds("a", 15)

    def test_each_address_has_a_count_of_its_own(self) -> None:
        counter = RateCounter(limit=1, window_seconds=10)
        assert [counter.exceeds(each, 0) for each in "aabb"] == [False, True, False, True]

    @given(
        st.lists(st.floats(0, 40), max_size=60).map(sorted),
        st.integers(1, 8),
        st.integers(1, 20),
    )
    def test_the_count_is_that_of_the_window_before_each_request(
        self, times: Sequence[float], limit: int, window: int
    ) -> None:
        counter = RateCounter(limit, window)
        for index, now in enumerate(times):
            within = sum(earlier > now - window for earlier in times[: index + 1])
            assert counter.exceeds("a", now) is (within > limit)

    def test_only_requests_within_the_scope_are_counted(self) -> None:
        limited = acl(rule("r", rate(1, ScopeDownStatement=contains("milk"))))
        bodies = ("bread", "milk", "bread", "milk", "bread")
        assert [limited.matches(request(each))["r"] for each in bodies] == [
            False, False, False, True, False,
        ]  # fmt: skip

    def test_addresses_that_are_quiet_for_long_are_forgotten_first(self) -> None:
        counter = RateCounter(limit=1, window_seconds=10)
        counter.exceeds("quiet", 0)
        for number in range(MOST_ADDRESSES):
            counter.exceeds(str(number), 1)
        assert not counter.exceeds("quiet", 2)
        assert counter.exceeds(str(MOST_ADDRESSES - 1), 2)

    def test_an_address_that_a_rule_has_stopped_does_not_reach_the_next(self) -> None:
        limited = acl(rule("stop", contains("bad")), rule("rate", rate(1), priority=1))
        for body in ("bad", "bad", "good"):
            verdict = limited.decide(request(body))
        assert verdict == Verdict(Action.ALLOW)
