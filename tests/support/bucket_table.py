"""One item of a table in memory, changed by the real expressions of token buckets.

It also records what a caller has been answered and stops the caller before its next request, so
that the requests of several callers can be interleaved in every sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from orderflow.platform.dynamodb import placeholders
from tests.breaker import expressions
from tests.support.factories import client_error

Item = dict[str, Any]
Answer = Item | ClientError

_serialize = TypeSerializer().serialize


class BucketTable:
    """A table with one item; an empty item stands for none."""

    def __init__(self, item: Item | None = None) -> None:
        self.item: Item = dict(item or {})

    def update_item(
        self,
        *,
        UpdateExpression: str,  # noqa: N803
        ExpressionAttributeNames: Item,  # noqa: N803
        ConditionExpression: str | None = None,  # noqa: N803
        ExpressionAttributeValues: Item | None = None,  # noqa: N803
        ReturnValues: str = "NONE",  # noqa: N803
        **_: Any,
    ) -> Item:
        names = {name[1:]: attribute for name, attribute in ExpressionAttributeNames.items()}
        values = {name[1:]: value for name, value in (ExpressionAttributeValues or {}).items()}
        seen = {
            name: self.item[attribute]
            for name, attribute in names.items()
            if attribute in self.item
        }
        if ConditionExpression and not expressions.condition(ConditionExpression)(seen, values):
            raise self._unmet()
        before = self.item
        after = expressions.update(UpdateExpression)(seen, values)
        untouched = {name: each for name, each in before.items() if name not in names.values()}
        self.item = untouched | {names[name]: value for name, value in after.items()}
        if ReturnValues == "UPDATED_OLD":
            updated = {names[each] for each in placeholders("#", UpdateExpression)}
            before = {name: each for name, each in before.items() if name in updated}
        return {"Attributes": before} if before and ReturnValues != "NONE" else {}

    def _unmet(self) -> ClientError:
        error = client_error("ConditionalCheckFailedException")
        if self.item:
            error.response["Item"] = {  # type: ignore[typeddict-unknown-key]
                name: _serialize(value) for name, value in self.item.items()
            }
        return error


class Paused(BaseException):
    """The caller is about to make its next request."""


class Replayed(BucketTable):
    """Repeats what a caller was answered, answers one more request, and stops it at the next."""

    def __init__(self, item: Item, answers: Sequence[Answer]) -> None:
        super().__init__(item)
        self._past = iter(answers)
        self.answers: list[Answer] = list(answers)
        self._has_answered = False

    def update_item(self, **request: Any) -> Item:
        past = next(self._past, None)
        if past is None:
            if self._has_answered:
                raise Paused
            self._has_answered = True
            past = self._answer(request)
            self.answers.append(past)
        if isinstance(past, ClientError):
            raise past
        return past

    def _answer(self, request: Item) -> Answer:
        try:
            return super().update_item(**request)
        except ClientError as error:
            return error


#: What a caller does with a table, and its result.
Caller = Callable[[Any], Any]


@dataclass(frozen=True)
class End:
    """One way in which it can end: the item, and the callers' results."""

    item: Item
    results: tuple[Any, ...]


def interleavings(item: Item, *callers: Caller) -> Iterator[End]:
    """Every end that the callers can come to, whatever the sequence of their requests."""
    yield from _ends(item, callers, ((),) * len(callers), {})


def _ends(
    item: Item,
    callers: Sequence[Caller],
    answers: tuple[tuple[Answer, ...], ...],
    results: dict[int, Any],
) -> Iterator[End]:
    if len(results) == len(callers):
        yield End(item, tuple(results[number] for number in range(len(callers))))
    for number, caller in enumerate(callers):
        if number in results:
            continue
        table = Replayed(item, answers[number])
        ended: dict[int, Any] = {}
        with suppress(Paused):
            ended = {number: caller(table)}
        told = (*answers[:number], tuple(table.answers), *answers[number + 1 :])
        yield from _ends(table.item, callers, told, results | ended)
