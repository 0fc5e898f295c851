"""``orders waf``: shows the web ACL of the API, and tries requests on its rules."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from cdk.guard_settings import API_ACL
from scripts.cli.console import CommandError, ExitCode, out, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.local.stand_ins import admin
from scripts.cli.options import Json, Stage
from scripts.cli.orders.api import SUBMIT
from scripts.cli.orders.submit import read_list
from scripts.local.stack.deploy import template_of
from scripts.local.stack.state import Home
from scripts.local.waf.guard import describe
from scripts.local.waf.metrics import METRICS, NAMESPACE
from scripts.local.waf.request import WebRequest
from scripts.local.waf.web_acl import Action, WebAcl

app = typer.Typer(help="The web application firewall before the API.", no_args_is_help=True)

_PERIOD: Final = timedelta(hours=1)
_SCOPE: Final = "REGIONAL"
#: An address of the block for documentation (RFC 5737): no set has it.
_ANYWHERE: Final = "203.0.113.1"


@app.command("status")
def show_status(json: Json = False, stage: Stage = LOCAL) -> None:
    """Show the rules, what each does, and how many requests it has matched.

    Locally since the stack was deployed, on AWS in the last hour.
    """
    content = _status(connect(stage), stage)
    if json:
        print_json(content)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Rule", "Action", "Matched", ""):
        table.add_column(heading)
    for rule in content["rules"]:
        remark = "" if rule["evaluated"] else f"not evaluated here: {rule['reason']}"
        table.add_row(rule["name"], rule["action"], str(rule["matched"]), remark)
    out.print(table)
    out.print(f"{content['name']}: {content['allowedByDefault']} requests passed all rules.")


@app.command("test")
def try_request(
    text: Annotated[
        str, typer.Argument(help="A grocery list; - reads it from standard input.")
    ] = "",
    *,
    body: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file with a whole request's body."),
    ] = None,
    address: Annotated[str, typer.Option(help="The client's IP address.")] = _ANYWHERE,
    json: Json = False,
    stage: Stage = LOCAL,
) -> None:
    """Say which rules a list or a request meets; nothing is sent. Exit code 2 if it is blocked.

    The rules are evaluated on this machine, those of a stage on AWS as AWS has them now. AWS's own
    groups can't be.
    """
    content = body.read_bytes() if body else _submission(read_list(text))
    acl = _web_acl(connect(stage), stage)
    request = WebRequest(_valid(address), content, {"content-type": "application/json"})
    matched = acl.matches(request)
    verdict = acl.decide(request)
    if json:
        print_json({"action": verdict.action, "rule": verdict.rule, "matches": matched})
    else:
        for rule in acl.rules:
            words = {True: "matches", False: "-", None: f"not evaluated: {rule.not_evaluated}"}
            out.print(f"{rule.name:<18} {rule.action:<6} {words[matched[rule.name]]}")
        by = f"by {verdict.rule}" if verdict.rule else "by default"
        out.print(f"{len(content):,} bytes: {verdict.action} {by}")
    raise typer.Exit(ExitCode.REFUSED if verdict.action is Action.BLOCK else 0)


def _valid(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError as error:
        raise CommandError(f"{address!r} is no IP address.", ExitCode.REFUSED) from error


def _submission(grocery_list: str) -> bytes:
    """The request that `orders submit` sends."""
    variables = {"input": {"groceryList": grocery_list}}
    return json_format.dumps({"query": SUBMIT, "variables": variables}).encode()


def _status(deployment: Deployment, stage: str) -> dict[str, Any]:
    if deployment.urls:
        content: dict[str, Any] = admin(deployment.urls.front_door, "GET", "waf", None)
        return content
    acl = _web_acl(deployment, stage)
    acl.counts.update(_counts_on_aws(deployment, acl))
    return describe(acl)


def _web_acl(deployment: Deployment, stage: str) -> WebAcl:
    name = f"grocery-{stage}-{API_ACL}"
    if deployment.urls:
        template = json_format.loads(template_of(Home(), "guard").read_bytes())
        return WebAcl.from_template(template, name)
    waf = deployment.client("wafv2")
    for each in _all(waf, "list_web_acls", "WebACLs"):
        if each["Name"] == name:
            acl = waf.get_web_acl(Name=name, Scope=_SCOPE, Id=each["Id"])["WebACL"]
            return WebAcl.read(acl, _ip_sets(waf))
    raise CommandError(
        f"Stage {stage} has no web ACL {name}. Deploy its guard stack.", ExitCode.NOT_FOUND
    )


def _ip_sets(waf: Any) -> dict[str, list[str]]:
    return {
        each["ARN"]: waf.get_ip_set(Name=each["Name"], Scope=_SCOPE, Id=each["Id"])["IPSet"][
            "Addresses"
        ]
        for each in _all(waf, "list_ip_sets", "IPSets")
    }


def _all(waf: Any, operation: str, key: str) -> Iterator[dict[str, Any]]:
    """All pages of a listing."""
    request = {"Scope": _SCOPE}
    while True:
        page = getattr(waf, operation)(**request)
        yield from page[key]
        if not page.get("NextMarker"):
            return
        request["NextMarker"] = page["NextMarker"]


def _counts_on_aws(deployment: Deployment, acl: WebAcl) -> dict[tuple[Action, str], int]:
    """The requests of the last hour that each rule has matched."""
    keys = [(rule.action, rule.name) for rule in acl.rules]
    now = datetime.now(UTC)
    answer = deployment.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": f"rule{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": NAMESPACE,
                        "MetricName": METRICS[action],
                        "Dimensions": [
                            {"Name": "WebACL", "Value": acl.name},
                            {"Name": "Rule", "Value": rule},
                            {"Name": "Region", "Value": deployment.region},
                        ],
                    },
                    "Period": int(_PERIOD.total_seconds()),
                    "Stat": "Sum",
                },
            }
            for number, (action, rule) in enumerate(keys)
        ],
        StartTime=now - _PERIOD,
        EndTime=now,
    )
    found = {each["Id"]: int(sum(each["Values"])) for each in answer["MetricDataResults"]}
    return {key: found.get(f"rule{number}", 0) for number, key in enumerate(keys)}
