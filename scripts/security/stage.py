"""What can be asked of a stage that is deployed. Reads alone; nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from cdk.guard_settings import API_ACL, SIGN_IN_ACL
from scripts.cli.console import CommandError
from scripts.cli.deployment import connect
from scripts.security.row import Result, Row

PART: Final = "Stage"

#: What each web ACL of a stage stands before, by the ACL's name.
_PROTECTED: Final = {API_ACL: "APPSYNC", SIGN_IN_ACL: "COGNITO_USER_POOL"}

#: A client of a service by its name.
Client = Callable[[str], Any]


def rows(stage: str) -> list[Row]:
    """The checks of this stage; ``local`` has none, as its own tests deploy it."""
    if stage == "local":
        return [Row(PART, "a deployed stage", Result.NOT_RUN, "STAGE= names none")]
    deployment = connect(stage)
    checks: Mapping[str, Callable[[], str | None]] = {
        "the user pool asks for a second factor": lambda: second_factor(
            deployment.client, deployment.output("UserPoolId")
        ),
        "the API refuses requests without a token": lambda: unauthenticated(deployment.graphql_url),
        "the webhook refuses events without a signature": lambda: unsigned(
            deployment.output("WebhookUrl")
        ),
        "web ACLs stand before the API and the sign-in": lambda: web_acls(
            deployment.client, f"grocery-{stage}"
        ),
        "incidents page": lambda: pages(deployment.client, f"grocery-{stage}"),
        "a trail that validates its files is logging": lambda: trail(deployment.client),
    }
    return [row(name, check) for name, check in checks.items()]


def row(name: str, check: Callable[[], str | None]) -> Row:
    """A check's result: green where it finds no problem."""
    try:
        problem = check()
    except (ClientError, BotoCoreError, httpx.HTTPError, CommandError) as error:
        return Row(PART, name, Result.RED, f"could not be asked: {error}")
    return Row(PART, name, Result.RED if problem else Result.GREEN, problem or "as it should be")


def second_factor(client: Client, pool_id: str) -> str | None:
    """Why the pool does not require TOTP; None if it does."""
    found = client("cognito-idp").get_user_pool_mfa_config(UserPoolId=pool_id)
    is_required = found.get("MfaConfiguration") == "ON"
    has_totp = found.get("SoftwareTokenMfaConfiguration", {}).get("Enabled")
    return None if is_required and has_totp else f"MFA is {found.get('MfaConfiguration', 'OFF')}"


def unauthenticated(url: str, transport: httpx.BaseTransport | None = None) -> str | None:
    """Why the API is open; None if it refuses."""
    body = json.dumps({"query": "{ myOrders { nextToken } }"})
    with httpx.Client(transport=transport, timeout=30) as http:
        status = http.post(url, content=body).status_code
    return None if status == httpx.codes.UNAUTHORIZED else f"it answers {status}"


def unsigned(url: str, transport: httpx.BaseTransport | None = None) -> str | None:
    """Why the webhook is open; None if it refuses: the signature, or before it the address."""
    with httpx.Client(transport=transport, timeout=30) as http:
        status = http.post(url, content="{}").status_code
    refused = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
    return None if status in refused else f"it answers {status}"


def web_acls(client: Client, prefix: str) -> str | None:
    """Which web ACL stands before nothing; None if each has its resource."""
    waf = client("wafv2")
    known = {each["Name"]: each["ARN"] for each in _all_web_acls(waf)}
    for name, kind in _PROTECTED.items():
        arn = known.get(f"{prefix}-{name}")
        if arn is None:
            return f"there is no web ACL {prefix}-{name}"
        found = waf.list_resources_for_web_acl(WebACLArn=arn, ResourceType=kind)
        if not found.get("ResourceArns"):
            return f"{prefix}-{name} is associated with nothing"
    return None


def _all_web_acls(waf: Any) -> Iterator[Mapping[str, Any]]:
    marker: dict[str, str] = {}
    while True:
        page = waf.list_web_acls(Scope="REGIONAL", **marker)
        yield from page["WebACLs"]
        if not page.get("NextMarker"):
            return
        marker = {"NextMarker": page["NextMarker"]}


def pages(client: Client, prefix: str) -> str | None:
    """Why no incident would page; None if all would that have an action."""
    pager = client("cloudwatch").get_paginator("describe_alarms")
    asked = pager.paginate(AlarmNamePrefix=f"{prefix}-", AlarmTypes=["CompositeAlarm"])
    found = [each for page in asked for each in page["CompositeAlarms"] if each["AlarmActions"]]
    silent = [each["AlarmName"] for each in found if not each["ActionsEnabled"]]
    if not found:
        return "no incident has an action"
    return f"switched off: {', '.join(silent)}" if silent else None


def trail(client: Client) -> str | None:
    """Why no trail records; None if one does, in all regions and with validated files."""
    cloudtrail = client("cloudtrail")
    for each in cloudtrail.describe_trails()["trailList"]:
        is_whole = each.get("IsMultiRegionTrail") and each.get("LogFileValidationEnabled")
        if is_whole and cloudtrail.get_trail_status(Name=each["TrailARN"])["IsLogging"]:
            return None
    return "no trail of all regions with validated files is logging"
