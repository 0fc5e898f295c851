"""Amounts of what AWS bills, by unit and by what they were used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Self


class Unit(StrEnum):
    """What AWS bills; each has a row in the table of prices."""

    TRANSITIONS = "states.transitions"
    EXPRESS_REQUESTS = "states.express-requests"
    EXPRESS_GB_SECONDS = "states.express-gb-seconds"
    FUNCTION_REQUESTS = "lambda.requests"
    FUNCTION_GB_SECONDS = "lambda.gb-seconds"
    SNAPSHOT_RESTORES = "lambda.snapstart-restored-gb"
    SNAPSHOT_CACHE = "lambda.snapstart-cached-gb-seconds"
    DURABLE_OPERATIONS = "lambda.durable-operations"
    DURABLE_BYTES = "lambda.durable-written-gb"
    WRITES = "dynamodb.write-units"
    READS = "dynamodb.read-units"
    STREAM_READS = "dynamodb.stream-reads"
    API_OPERATIONS = "appsync.operations"
    API_MESSAGES = "appsync.messages"
    API_CONNECTIONS = "appsync.connection-minutes"
    QUEUE_REQUESTS = "sqs.requests"
    PUBLICATIONS = "sns.requests"
    EMAILS = "ses.emails"
    KEY_REQUESTS = "kms.requests"
    LOGS = "logs.ingested-gb"
    TRACES = "xray.traces"
    SECRET_REQUESTS = "secretsmanager.requests"  # noqa: S105 - no password  # nosec B105
    PARAMETER_REQUESTS = "ssm.requests"
    FIREWALL_REQUESTS = "waf.requests"
    INPUT_TOKENS = "bedrock.input-tokens"
    OUTPUT_TOKENS = "bedrock.output-tokens"
    OBJECT_WRITES = "s3.writes"


#: What the model costs; comparisons leave it out where they say so.
MODEL = frozenset({Unit.INPUT_TOKENS, Unit.OUTPUT_TOKENS})


class Usage:
    """Amounts by unit and detail, such as a function's name or a table's index."""

    def __init__(self, amounts: Mapping[tuple[Unit, str], float] | None = None) -> None:
        self._amounts: Counter[tuple[Unit, str]] = Counter()
        for key, amount in (amounts or {}).items():
            self._amounts[key] += amount  # type: ignore[assignment]

    def add(self, unit: Unit, amount: float, detail: str = "") -> None:
        """Add an amount."""
        if amount:
            self._amounts[unit, detail] += amount  # type: ignore[assignment]

    def __iter__(self) -> Iterator[tuple[Unit, str, float]]:
        for (unit, detail), amount in sorted(self._amounts.items()):
            yield unit, detail, amount

    def of(self, unit: Unit) -> float:
        """The amount of a unit, whatever it was used for."""
        return sum(amount for each, _, amount in self if each is unit)

    def by_detail(self, unit: Unit) -> dict[str, float]:
        """The amounts of a unit by what they were used for."""
        return {detail: amount for each, detail, amount in self if each is unit}

    @property
    def units(self) -> list[Unit]:
        """The units with an amount, in the order of :class:`Unit`."""
        used = {unit for unit, _, _ in self}
        return [unit for unit in Unit if unit in used]

    def scaled(self, factor: float) -> Usage:
        """Each amount times the factor."""
        return Usage({(unit, detail): amount * factor for unit, detail, amount in self})

    def __add__(self, other: Usage) -> Usage:
        both = Usage(self._amounts)
        for unit, detail, amount in other:
            both.add(unit, amount, detail)
        return both

    @classmethod
    def total(cls, usages: Iterable[Usage]) -> Usage:
        """The sum."""
        return sum(usages, cls())

    def as_json(self) -> dict[str, dict[str, float]]:
        """``{unit: {detail: amount}}``."""
        return {
            unit: {detail: round(amount, 9) for detail, amount in self.by_detail(unit).items()}
            for unit in self.units
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Mapping[str, float]]) -> Self:
        """From :meth:`as_json`."""
        return cls(
            {
                (Unit(unit), detail): amount
                for unit, amounts in content.items()
                for detail, amount in amounts.items()
            }
        )
