"""Queries of the table's indexes, page by page, as their results are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orderflow.platform.dynamodb import all_items, translated_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@dataclass(frozen=True)
class Span:
    """The values of a sort key from ``since`` to ``until``, both included; None is no bound."""

    sort_key: str
    since: str | None = None
    until: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no value lies between the bounds. DynamoDB refuses BETWEEN with such bounds."""
        return self.since is not None and self.until is not None and self.since > self.until

    @property
    def values(self) -> dict[str, str]:
        """The bounds by their names in :attr:`condition`."""
        bounds = {":since": self.since, ":until": self.until}
        return {name: bound for name, bound in bounds.items() if bound is not None}

    @property
    def condition(self) -> str | None:
        """The part of a KeyConditionExpression; None where there is no bound."""
        match self.since, self.until:
            case None, None:
                return None
            case _, None:
                return f"{self.sort_key} >= :since"
            case None, _:
                return f"{self.sort_key} <= :until"
            case _:
                return f"{self.sort_key} BETWEEN :since AND :until"


def query(
    table: Table,
    index: str,
    partition: Mapping[str, str],
    span: Span | None = None,
    values: Mapping[str, Any] | None = None,
    **options: Any,
) -> Iterator[Mapping[str, Any]]:
    """The items of one partition of an index, in the order of their sort key.

    Args:
        table: the table.
        index: the index.
        partition: the partition's key: its attributes with their values.
        span: the values of the sort key; None for all.
        values: of the names in a filter among the options.
        options: further parameters of the query.

    Raises:
        StoreUnavailable: DynamoDB throttled, failed or could not be reached.
    """
    if span is not None and span.is_empty:
        return
    yield from all_items(table.query, **_request(index, partition, span, values), **options)


def count(table: Table, index: str, partition: Mapping[str, str], span: Span) -> tuple[int, bool]:
    """How many items one page of a partition holds (1 MB), and whether that is all.

    Raises:
        StoreUnavailable: DynamoDB throttled, failed or could not be reached.
    """
    if span.is_empty:
        return 0, True
    with translated_errors():
        answer = table.query(**_request(index, partition, span), Select="COUNT")
    return answer["Count"], "LastEvaluatedKey" not in answer


def _request(
    index: str,
    partition: Mapping[str, str],
    span: Span | None,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    conditions = [f"#{name} = :{name}" for name in partition]
    if span is not None and span.condition is not None:
        conditions.append(span.condition)
    bounds = span.values if span is not None else {}
    return {
        "IndexName": index,
        "KeyConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": {f"#{name}": name for name in partition},
        "ExpressionAttributeValues": {
            **{f":{name}": value for name, value in partition.items()},
            **bounds,
            **(values or {}),
        },
    }
