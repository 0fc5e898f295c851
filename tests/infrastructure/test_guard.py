"""The guard stack: the web ACLs, what they protect, their logs and alarms."""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from cdk.app import add_stacks
from cdk.constructs.foundation import CodeFor
from cdk.guard_settings import UNPROVED, GuardRule, GuardSettings
from cdk.settings import Settings
from scripts.local.waf import fields
from tests.support.templates import Synthesize, Templates, readable

ON_AWS = ["dev", "staging", "prod"]

#: Capacity units: the fixed ones of AWS's groups, and of our statements.
#: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
#: https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
CAPACITY = {
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "IPSetReferenceStatement": 1,
    "SizeConstraintStatement": 1,
    "RegexMatchStatement": 3,
    "SqliMatchStatement": 2 * 20,  # double for a JSON body
    "RateBasedStatement": 2,
}
#: What a web ACL may use without a surcharge.
INCLUDED_CAPACITY = 1_500


def resources(templates: Templates, kind: str) -> list[dict[str, Any]]:
    return [
        each["Properties"] for each in templates.guard["Resources"].values() if each["Type"] == kind
    ]


def acl(templates: Templates, name: str) -> dict[str, Any]:
    (found,) = [
        each
        for each in resources(templates, "AWS::WAFv2::WebACL")
        if each["Name"] == f"grocery-{templates.stage}-{name}"
    ]
    return found


def rules(templates: Templates, name: str) -> dict[str, dict[str, Any]]:
    """A web ACL's rules by name, in the order in which WAF evaluates them."""
    found = sorted(acl(templates, name)["Rules"], key=lambda each: each["Priority"])
    return {each["Name"]: each for each in found}


def test_the_api_and_the_user_pool_have_a_web_acl_each(templates: Templates) -> None:
    protected = {
        readable(each["WebACLArn"]): _exported(templates, each["ResourceArn"])
        for each in resources(templates, "AWS::WAFv2::WebACLAssociation")
    }
    assert protected == {
        "<ApiAcl.Arn>": "AWS::AppSync::GraphQLApi",
        "<SignInAcl.Arn>": "AWS::Cognito::UserPool",
    }


def _exported(templates: Templates, reference: dict[str, str]) -> str:
    """The type of the resource of another stack that a reference names."""
    both = (templates.data, templates.orders)
    resource, _ = next(
        output["Value"]["Fn::GetAtt"]
        for template in both
        for output in template["Outputs"].values()
        if output.get("Export", {}).get("Name") == reference["Fn::ImportValue"]
    )
    return next(
        str(template["Resources"][resource]["Type"])
        for template in both
        if resource in template["Resources"]
    )


@pytest.mark.parametrize("name", ["api", "sign-in"])
def test_what_no_rule_stops_passes(templates: Templates, name: str) -> None:
    assert acl(templates, name)["DefaultAction"] == {"Allow": {}}
    assert acl(templates, name)["Scope"] == "REGIONAL"


def test_the_api_has_its_rules_in_this_order(templates: Templates) -> None:
    """An allowed address is exempt from what follows it: rates and reputation, never content."""
    assert [*rules(templates, "api")] == [
        "DeniedAddresses",
        "OversizedBody",
        "ArrayBody",
        "SqlInjection",
        "AwsSqlInjection",
        "AwsCommon",
        "AwsKnownBadInputs",
        "AllowedAddresses",
        "Rate",
        "SignedRate",
        "AwsIpReputation",
    ]
    assert [*rules(templates, "sign-in")] == [
        "DeniedAddresses",
        "AllowedAddresses",
        "SignInRate",
        "AwsIpReputation",
    ]


def test_an_address_may_make_2000_requests_in_five_minutes(templates: Templates) -> None:
    rate = rules(templates, "api")["Rate"]["Statement"]["RateBasedStatement"]
    assert (rate["Limit"], rate["EvaluationWindowSec"]) == (2_000, 300)
    assert rate["AggregateKeyType"] == "IP"


def test_every_request_is_within_the_scope_of_exactly_one_rate(templates: Templates) -> None:
    """Requests that are signed with SigV4 have a rate of their own: our function publishes so."""
    plain, signed = (
        rules(templates, "api")[name]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]
        for name in ("Rate", "SignedRate")
    )
    assert plain == {"NotStatement": {"Statement": signed}}
    (pattern,) = re.findall('"RegexString": "(.*?)"', json.dumps(signed))
    assert re.search(pattern, "AWS4-HMAC-SHA256 Credential=AKIA/20261129/eu-west-1/appsync")
    assert not re.search(pattern, "eyJraWQiOiJr")


def test_bodies_that_waf_can_inspect_in_part_only_are_blocked(templates: Templates) -> None:
    unsigned, longer = rules(templates, "api")["OversizedBody"]["Statement"]["AndStatement"][
        "Statements"
    ]
    size = longer["SizeConstraintStatement"]
    assert (size["ComparisonOperator"], size["Size"]) == ("GT", fields.INSPECTED_BYTES)
    assert size["FieldToMatch"] == {"Body": {"OversizeHandling": "MATCH"}}
    signed = rules(templates, "api")["SignedRate"]["Statement"]["RateBasedStatement"]
    assert unsigned == {"NotStatement": {"Statement": signed["ScopeDownStatement"]}}


def test_the_steps_of_a_sign_in_are_limited(templates: Templates) -> None:
    rate = rules(templates, "sign-in")["SignInRate"]["Statement"]["RateBasedStatement"]
    assert (rate["Limit"], rate["EvaluationWindowSec"]) == (500, 300)


@pytest.mark.parametrize(
    ("group", "rule"),
    [
        ("AWSManagedRulesSQLiRuleSet", "AwsSqlInjection"),
        ("AWSManagedRulesCommonRuleSet", "AwsCommon"),
        ("AWSManagedRulesKnownBadInputsRuleSet", "AwsKnownBadInputs"),
        ("AWSManagedRulesAmazonIpReputationList", "AwsIpReputation"),
    ],
)
def test_aws_rule_groups_are_used_but_for_what_judges_customers_words(
    templates: Templates, group: str, rule: str
) -> None:
    content = rules(templates, "api")[rule]["Statement"]["ManagedRuleGroupStatement"]
    overrides = content.pop("RuleActionOverrides", ())
    assert content == {"VendorName": "AWS", "Name": group}
    assert {*map(str, (each["ActionToUse"] for each in overrides))} <= {"{'Count': {}}"}
    assert [each["Name"] for each in overrides] == {
        "AwsSqlInjection": ["SQLi_BODY", "SQLiExtendedPatterns_BODY"],
        "AwsCommon": [
            "SizeRestrictions_BODY",
            "EC2MetaDataSSRF_BODY",
            "GenericLFI_BODY",
            "GenericRFI_BODY",
            "CrossSiteScripting_BODY",
        ],
    }.get(rule, [])


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_every_rule_blocks_where_there_are_no_customers(synthesize: Synthesize, stage: str) -> None:
    assert _counting(synthesize(stage)) == set()


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_rules_that_aws_keeps_to_itself_count_first(synthesize: Synthesize, stage: str) -> None:
    assert _counting(synthesize(stage)) == {str(each) for each in UNPROVED}


def _counting(templates: Templates) -> set[str]:
    both = {**rules(templates, "api"), **rules(templates, "sign-in")}
    return {
        name
        for name, rule in both.items()
        if "Count" in rule.get("Action", {}) or "Count" in rule.get("OverrideAction", {})
    }


def test_a_setting_turns_each_rule_from_counting_to_blocking(
    tmp_path: Path, context: dict[str, Any], stub_code: CodeFor
) -> None:
    stops = {each for each in GuardRule if each is not GuardRule.ALLOWED_ADDRESSES}
    for counting in ((), tuple(stops)):
        templates = _synthesized(
            tmp_path / str(len(counting)), context, stub_code, GuardSettings(counting=counting)
        )
        assert _counting(templates) == {str(each) for each in counting}


def test_addresses_of_the_settings_are_in_the_sets_by_version(
    tmp_path: Path, context: dict[str, Any], stub_code: CodeFor
) -> None:
    guard = GuardSettings(
        denied_addresses=(IPv4Network("192.0.2.0/24"), IPv6Network("2001:db8::/48")),
        allowed_addresses=(IPv4Network("198.51.100.7/32"),),
    )
    templates = _synthesized(tmp_path, context, stub_code, guard)
    assert {
        each["Name"]: (each["IPAddressVersion"], each["Addresses"])
        for each in resources(templates, "AWS::WAFv2::IPSet")
    } == {
        "grocery-dev-denied-ipv4": ("IPV4", ["192.0.2.0/24"]),
        "grocery-dev-denied-ipv6": ("IPV6", ["2001:db8::/48"]),
        "grocery-dev-allowed-ipv4": ("IPV4", ["198.51.100.7/32"]),
        "grocery-dev-allowed-ipv6": ("IPV6", []),
    }


def _synthesized(
    folder: Path, context: dict[str, Any], code: CodeFor, guard: GuardSettings
) -> Templates:
    app = aws_cdk.App(outdir=str(folder), context=context)
    settings = Settings.for_stage("dev", {}).model_copy(update={"guard": guard})
    add_stacks(app, settings, code)
    out = Path(app.synth().directory)
    data, orders, template = (
        json.loads((out / f"grocery-dev-{stack}.template.json").read_text())
        for stack in ("data", "orders", "guard")
    )
    return Templates("dev", data, orders, template)


@pytest.mark.parametrize("name", ["api", "sign-in"])
def test_a_web_acl_stays_within_the_capacity_without_surcharge(
    templates: Templates, name: str
) -> None:
    text = json.dumps(acl(templates, name)["Rules"])
    used = sum(text.count(f'"{part}"') * units for part, units in CAPACITY.items())
    assert 0 < used <= INCLUDED_CAPACITY


@pytest.mark.parametrize("name", ["api", "sign-in"])
def test_every_rule_has_metrics_and_keeps_no_samples_with_tokens(
    templates: Templates, name: str
) -> None:
    own = acl(templates, name)
    for each in (own, *own["Rules"]):
        assert each["VisibilityConfig"] == {
            "CloudWatchMetricsEnabled": True,
            "MetricName": each["Name"],
            "SampledRequestsEnabled": False,
        }


def test_every_request_is_logged_without_tokens(templates: Templates) -> None:
    configurations = resources(templates, "AWS::WAFv2::LoggingConfiguration")
    assert len(configurations) == 2
    for each in configurations:
        assert "LoggingFilter" not in each
        headers = {
            field["SingleHeader"]["Name"]
            for field in each["RedactedFields"]
            if "SingleHeader" in field
        }
        assert {"authorization", "sec-websocket-protocol", "x-amz-security-token"} <= headers
        assert {"QueryString": {}} in each["RedactedFields"]
        (destination,) = each["LogDestinationConfigs"]
        assert not readable(destination).endswith(":*")


def test_the_log_is_encrypted_and_kept_as_long_as_the_stages_logs(
    synthesize: Synthesize,
) -> None:
    for stage, days in (("local", 7), ("dev", 30), ("staging", 30), ("prod", 365)):
        groups = resources(synthesize(stage), "AWS::Logs::LogGroup")
        assert {each["LogGroupName"] for each in groups} == {
            f"aws-waf-logs-grocery-{stage}-api",
            f"aws-waf-logs-grocery-{stage}-sign-in",
        }
        for each in groups:
            assert each["RetentionInDays"] == days
            assert each["KmsKeyId"]


def test_only_log_delivery_of_this_account_writes_the_log(templates: Templates) -> None:
    policies = resources(templates, "AWS::Logs::ResourcePolicy")
    assert len(policies) == 2
    for each in policies:
        document = readable(each["PolicyDocument"])
        assert '"Service":"delivery.logs.amazonaws.com"' in document
        assert '"aws:SourceAccount":"<AWS::AccountId>"' in document


def _blocked(templates: Templates) -> set[tuple[str, str]]:
    """The web ACL and the rule of each alarm about blocked requests."""
    found = set()
    for alarm in templates.properties("AWS::CloudWatch::Alarm"):
        if alarm.get("MetricName") == "BlockedRequests":
            named = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
            assert named["Region"] == "eu-west-1"
            assert templates.pages_of(alarm) == ["Attack"]
            found.add((named["WebACL"], named["Rule"]))
    return found


def test_each_rule_that_may_block_has_an_alarm(templates: Templates) -> None:
    prefix = f"grocery-{templates.stage}"
    assert _blocked(templates) == {
        (f"{prefix}-{name}", rule)
        for name in ("api", "sign-in")
        for rule in rules(templates, name)
        if rule != "AllowedAddresses"
    }


@pytest.mark.parametrize("stage", ON_AWS)
def test_a_jump_of_the_rate_rule_has_an_alarm_of_its_own(
    synthesize: Synthesize, stage: str
) -> None:
    templates = synthesize(stage)
    (alarm,) = [
        each
        for each in templates.properties("AWS::CloudWatch::Alarm")
        if each.get("AlarmName", "").endswith("-RateJump")
    ]
    expression, metric = alarm["Metrics"]
    assert expression["Expression"] == "DIFF(FILL(blocked, 0))"
    assert metric["MetricStat"]["Metric"]["MetricName"] == "BlockedRequests"
    assert {"Name": "Rule", "Value": "Rate"} in metric["MetricStat"]["Metric"]["Dimensions"]
    assert templates.pages_of(alarm) == ["Attack"]


def test_what_strangers_may_call_has_alarms_on_refusals_and_throttles(
    templates: Templates,
) -> None:
    prefix = f"grocery-{templates.stage}-"
    alarms = {
        alarm["AlarmName"].removeprefix(prefix): (
            alarm["MetricName"],
            readable(alarm["Dimensions"][0]["Value"]).removeprefix(prefix),
        )
        for alarm in templates.properties("AWS::CloudWatch::Alarm")
        if "Namespace" in alarm and alarm["Namespace"] != "AWS/WAFV2" and alarm.get("Dimensions")
    }
    assert {
        "WebhookRefusals": ("Url4xxCount", "payment-webhook"),
        "WebhookThrottles": ("Throttles", "payment-webhook"),
        "LimitedReturns": ("ReturnsLimited", "payment_return"),
        "ReturnThrottles": ("Throttles", "payment-return"),
    }.items() <= alarms.items()


@pytest.mark.parametrize(
    ("stage", "concurrency"), [("local", None), ("dev", None), ("staging", 20), ("prod", 20)]
)
def test_the_webhook_takes_no_other_functions_concurrency(
    synthesize: Synthesize, stage: str, concurrency: int | None
) -> None:
    webhook = synthesize(stage).function("payment_webhook")
    assert webhook.get("ReservedConcurrentExecutions") == concurrency
