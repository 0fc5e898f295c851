"""``orders waf``: the web ACL of a stage on AWS, and requests that are tried on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from typer.testing import CliRunner

from scripts.cli.deployment import Deployment
from scripts.cli.main import app
from scripts.cli.security import waf

DENIED = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/denied/1"
BODY = {"Body": {"OversizeHandling": "MATCH"}}
NONE = [{"Priority": 0, "Type": "NONE"}]
ACL = {
    "Name": "grocery-dev-api",
    "DefaultAction": {"Allow": {}},
    "Rules": [
        {
            "Name": "DeniedAddresses",
            "Priority": 0,
            "Action": {"Block": {}},
            "Statement": {"IPSetReferenceStatement": {"ARN": DENIED}},
        },
        {
            "Name": "OversizedBody",
            "Priority": 1,
            "Action": {"Count": {}},
            "Statement": {
                "SizeConstraintStatement": {
                    "ComparisonOperator": "GT",
                    "Size": 8192,
                    "FieldToMatch": BODY,
                    "TextTransformations": NONE,
                }
            },
        },
        {
            "Name": "AwsCommon",
            "Priority": 2,
            "OverrideAction": {"Count": {}},
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "Common"}},
        },
    ],
}


class Wafv2:
    """WAF's API, with two pages of web ACLs."""

    def list_web_acls(self, **given: Any) -> dict[str, Any]:
        if "NextMarker" not in given:
            return {"WebACLs": [{"Name": "other", "Id": "0"}], "NextMarker": "other"}
        return {"WebACLs": [{"Name": "grocery-dev-api", "Id": "1"}]}

    def get_web_acl(self, **given: Any) -> dict[str, Any]:
        assert given == {"Name": "grocery-dev-api", "Scope": "REGIONAL", "Id": "1"}
        return {"WebACL": ACL}

    def list_ip_sets(self, **_: Any) -> dict[str, Any]:
        return {"IPSets": [{"Name": "denied", "Id": "1", "ARN": DENIED}]}

    def get_ip_set(self, **_: Any) -> dict[str, Any]:
        return {"IPSet": {"Addresses": ["192.0.2.0/24"]}}


Run = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``orders waf`` for a stage on AWS."""
    cloudwatch = MagicMock()
    cloudwatch.get_metric_data.return_value = {
        "MetricDataResults": [{"Id": "rule0", "Values": [3.0]}, {"Id": "rule1", "Values": []}]
    }
    clients = {"wafv2": Wafv2(), "cloudwatch": cloudwatch}
    deployment = Deployment("dev", "eu-west-1", {}, "https://api.example.com", None, None)
    monkeypatch.setattr(Deployment, "client", lambda _, service: clients[service])
    monkeypatch.setattr(waf, "connect", lambda _: deployment)

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["waf", *arguments, "--stage", "dev"])

    return run


def test_status_shows_the_rules_with_what_they_matched_in_the_last_hour(run: Run) -> None:
    rules = json.loads(run("status", "--json").stdout)["rules"]
    assert [(each["name"], each["action"], each["matched"]) for each in rules] == [
        ("DeniedAddresses", "BLOCK", 3),
        ("OversizedBody", "COUNT", 0),
        ("AwsCommon", "COUNT", 0),
    ]
    assert [each["evaluated"] for each in rules] == [True, True, False]


def test_a_list_that_passes_is_reported_by_rule(run: Run) -> None:
    done = run("test", "2 cups milk", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "action": "ALLOW",
        "rule": None,
        "matches": {"DeniedAddresses": False, "OversizedBody": False, "AwsCommon": None},
    }


def test_a_blocked_request_ends_with_refused(run: Run) -> None:
    done = run("test", "2 cups milk", "--address", "192.0.2.9")
    assert done.exit_code == 2
    assert "BLOCK by DeniedAddresses" in done.stdout


def test_a_whole_body_can_be_tried(run: Run, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_bytes(b"x" * 9_000)
    done = run("test", "--body", str(body), "--json")
    assert json.loads(done.stdout)["matches"]["OversizedBody"] is True


def test_an_address_that_is_none_is_refused(run: Run) -> None:
    done = run("test", "milk", "--address", "here")
    assert done.exit_code == 2
    assert "no IP address" in done.output


def test_a_stage_without_a_web_acl_is_reported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wafv2, "list_web_acls", lambda *_, **__: {"WebACLs": []})
    done = run("status")
    assert done.exit_code == 4
    assert "no web ACL grocery-dev-api" in done.output
