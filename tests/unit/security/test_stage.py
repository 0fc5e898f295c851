"""What is asked of a deployed stage, with the answers of its services."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from scripts.security import stage
from scripts.security.row import Result


def answering(**answers: Any) -> stage.Client:
    """A client whose operations give these answers."""
    calls = {name: lambda _answer=answer, **_: _answer for name, answer in answers.items()}
    return lambda _service: SimpleNamespace(**calls)


@pytest.mark.parametrize(
    ("mode", "enabled", "problem"),
    [("ON", True, None), ("OPTIONAL", True, "MFA is OPTIONAL"), ("ON", False, "MFA is ON")],
)
def test_a_stages_pool_has_to_ask_for_a_second_factor(
    mode: str, enabled: bool, problem: str | None
) -> None:
    answer = {
        "MfaConfiguration": mode,
        "SoftwareTokenMfaConfiguration": {"Enabled": enabled},
    }
    assert stage.second_factor(answering(get_user_pool_mfa_config=answer), "pool") == problem


@pytest.mark.parametrize(("logging", "validated"), [(True, True), (False, True), (True, False)])
def test_a_stages_trail_has_to_record(logging: bool, validated: bool) -> None:
    each = {
        "TrailARN": "arn",
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": validated,
    }
    client = answering(
        describe_trails={"trailList": [each]}, get_trail_status={"IsLogging": logging}
    )
    assert (stage.trail(client) is None) is (logging and validated)


@pytest.mark.parametrize(("status", "is_open"), [(401, False), (200, True), (403, True)])
def test_a_stages_api_has_to_refuse_requests_without_a_token(status: int, is_open: bool) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    assert (stage.unauthenticated("https://api.test/graphql", transport) is not None) is is_open


def test_a_stage_that_can_t_be_asked_is_red() -> None:
    def fail() -> str | None:
        raise httpx.ConnectError("refused")

    assert stage.row("it", fail).result is Result.RED
    assert stage.rows("local")[0].result is Result.NOT_RUN


@pytest.mark.parametrize(
    ("status", "is_open"), [(401, False), (403, False), (200, True), (400, True), (500, True)]
)
def test_a_stages_webhook_has_to_refuse_what_is_not_signed(status: int, is_open: bool) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    assert (stage.unsigned("https://hook.test/", transport) is not None) is is_open


@pytest.mark.parametrize(
    ("names", "resources", "problem"),
    [
        (["g-dev-api", "g-dev-sign-in"], ["arn"], None),
        (["g-dev-api"], ["arn"], "there is no web ACL g-dev-sign-in"),
        (["g-prod-api", "g-prod-sign-in"], ["arn"], "there is no web ACL g-dev-api"),
        (["g-dev-api", "g-dev-sign-in"], [], "g-dev-api is associated with nothing"),
    ],
)
def test_a_stages_web_acls_have_to_stand_before_something(
    names: list[str], resources: list[str], problem: str | None
) -> None:
    pages = [{"WebACLs": [{"Name": name, "ARN": name}], "NextMarker": "more"} for name in names]
    pages[-1].pop("NextMarker")
    left = iter(pages)
    waf = SimpleNamespace(
        list_web_acls=lambda **_: next(left),
        list_resources_for_web_acl=lambda **_: {"ResourceArns": resources},
    )

    assert stage.web_acls(lambda _: waf, "g-dev") == problem


@pytest.mark.parametrize(
    ("alarms", "problem"),
    [
        ([("a", True, ["topic"]), ("b", False, [])], None),
        ([("a", True, ["topic"]), ("b", False, ["topic"])], "switched off: b"),
        ([("a", True, [])], "no incident has an action"),
        ([], "no incident has an action"),
    ],
)
def test_a_stages_incidents_have_to_page(
    alarms: list[tuple[str, bool, list[str]]], problem: str | None
) -> None:
    found = [
        {"AlarmName": name, "ActionsEnabled": enabled, "AlarmActions": actions}
        for name, enabled, actions in alarms
    ]
    pager = SimpleNamespace(paginate=lambda **_: [{"CompositeAlarms": found}])
    cloudwatch = SimpleNamespace(get_paginator=lambda _: pager)

    assert stage.pages(lambda _: cloudwatch, "g-dev") == problem
