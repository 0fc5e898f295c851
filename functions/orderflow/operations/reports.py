"""Reports to operations about orders that do not move: which findings are new, and their text."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from orderflow.operations.diagnosis import EXPLANATIONS, Finding, Problem
from orderflow.orders.model import Report

#: The same problem of the same order is reported again after this time.
REPORT_AGAIN_AFTER: Final = timedelta(days=1)

#: A report names so many subjects of each problem.
_NAMED: Final = 20


def is_news(last: Report | None, problem: Problem, now: datetime) -> bool:
    """Whether the problem was not reported lately; ``last`` is the order's last report."""
    if last is None or last.problem != problem:
        return True
    return now - last.at >= REPORT_AGAIN_AFTER


def report_text(findings: list[Finding], stage: str) -> str:
    """The findings in words for operations, problem by problem."""
    order = [*Problem]
    ordered = sorted(findings, key=lambda finding: order.index(finding.problem))
    parts = [
        "\n".join([EXPLANATIONS[problem], *_named([*alike])])
        for problem, alike in groupby(ordered, key=lambda finding: finding.problem)
    ]
    return "\n\n".join(
        [
            *parts,
            (
                f"To look at an order: orders show ORDER_ID --stage {stage}\n"
                f"At all that failed or is parked: orders failed --stage {stage}\n"
                f"At the breakers: orders breakers show --stage {stage}"
            ),
        ]
    )


def _named(findings: list[Finding]) -> list[str]:
    lines = [
        f"- {each.subject} ({each.status})" if each.status else f"- {each.subject}"
        for each in findings[:_NAMED]
    ]
    more = len(findings) - _NAMED
    return [*lines, f"- and {more} more"] if more > 0 else lines
