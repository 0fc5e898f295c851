"""What the web ACLs of production do with the traffic, measured."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cdk  # noqa: F401 - first: sets the path of Node for jsii

# isort: split
import aws_cdk
from aws_cdk import aws_lambda

from cdk.app import add_stacks
from cdk.constructs.functions.bundling import ROOT
from cdk.settings import Settings
from scripts.local.waf.request import WebRequest
from scripts.local.waf.web_acl import Action, Verdict, WebAcl
from tests.waf import traffic

BUCKET_SECONDS = 10


def guard_template(stage: str) -> dict[str, Any]:
    """The synthesized guard stack of a stage."""
    context = json.loads((ROOT / "cdk" / "cdk.json").read_text())["context"]
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder, "code")
        code.mkdir()
        (code / "handler.py").touch()
        app = aws_cdk.App(outdir=f"{folder}/out", context=context)
        settings = Settings.for_stage(stage, {})
        add_stacks(app, settings, lambda _: aws_lambda.Code.from_asset(str(code)))
        template = Path(app.synth().directory, f"{settings.prefix}-guard.template.json")
        content: dict[str, Any] = json.loads(template.read_text())
        return content


@dataclass(frozen=True)
class Outcome:
    """How many requests of one kind were stopped, and by which rules."""

    kind: str
    requests: int
    rules: Counter[str]

    @property
    def blocked(self) -> int:
        return self.rules.total()


class Measures:
    """The web ACL of a stage's API, evaluated on the traffic.

    Args:
        stage: one where every rule blocks.
    """

    def __init__(self, stage: str = "dev") -> None:
        self._template = guard_template(stage)
        self._name = f"grocery-{stage}-api"

    def fresh(self) -> WebAcl:
        """The web ACL without a memory of requests."""
        return WebAcl.from_template(self._template, self._name)

    def outcome(self, kind: str, requests: Sequence[WebRequest]) -> Outcome:
        acl = self.fresh()
        verdicts = [acl.evaluate(each) for each in requests]
        stopped = Counter(str(each.rule) for each in verdicts if each.action is Action.BLOCK)
        return Outcome(kind, len(requests), stopped)

    def lists(self) -> list[Outcome]:
        """Customers' lists, in UTF-8 and escaped."""
        return [
            self.outcome(
                kind,
                [
                    WebRequest("198.51.100.1", traffic.submission(text, escaped=escaped))
                    for text in texts
                    for escaped in (False, True)
                ],
            )
            for kind, texts in traffic.legitimate_lists().items()
        ]

    def crowds(self, customers: int = 100) -> list[Outcome]:
        """A hundred customers behind one, five and fifty addresses."""
        return [
            self.outcome(
                f"{customers} customers behind {addresses} address{'es' if addresses > 1 else ''}",
                traffic.crowd(customers, addresses),
            )
            for addresses in (1, 5, 50)
        ]

    def publishing(self) -> Outcome:
        """Our own function at its busiest."""
        requests = traffic.publishing(per_second=100, seconds=300)
        return self.outcome("our function publishes 100 changes a second", requests)

    def attacks(self) -> list[Outcome]:
        """Each kind of textbook attack."""
        bodies = [
            self.outcome(kind, [WebRequest("203.0.113.9", body) for _, body in bodies])
            for kind, bodies in traffic.attacks().items()
        ]
        floods = [
            self.outcome(
                f"one address, {rate} requests a second for 5 minutes", traffic.flood(rate, 300)
            )
            for rate in (6, 20, 100)
        ]
        return [*bodies, *floods]

    def flood(self, per_second: float, seconds: int) -> list[Verdict]:
        """What happens to one address's requests."""
        acl = self.fresh()
        return [acl.evaluate(each) for each in traffic.flood(per_second, seconds)]

    def first_blocked(self, customers: int) -> int:
        """The customers behind one address, from ``customers`` on, of whom some are stopped."""
        while not self.outcome("", traffic.crowd(customers, 1)).blocked:
            customers += 1
        return customers


def per_bucket(
    verdicts: Sequence[Verdict], per_second: float, action: Action
) -> tuple[list[int], list[int]]:
    """Requests with this verdict in each ten seconds: times (s) and numbers."""
    counts: Counter[int] = Counter()
    for number, verdict in enumerate(verdicts):
        counts[int(number / per_second) // BUCKET_SECONDS] += verdict.action is action
    times = sorted(counts)
    return [each * BUCKET_SECONDS for each in times], [counts[each] for each in times]
