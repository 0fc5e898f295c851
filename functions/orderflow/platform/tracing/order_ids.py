"""Which orders an event concerns, from wherever events name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

#: Batches name more; X-Ray indexes 50 annotations a trace.
MOST_ORDERS: Final = 25

_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WHOLE: Final = re.compile(_ID)
#: An order's id, or a payment's reference, which is one with a number: in JSON, in JSON within
#: JSON, in DynamoDB's JSON, in a query.
_NAMED: Final = re.compile(
    rf'orderId["\\:\s{{S]{{1,16}}({_ID})|(?:^|[&"])(?:trx)?ref(?:erence)?["\\:=\s]{{1,8}}({_ID})-\d'
)


def order_ids(event: Any, result: Any = None) -> list[str]:
    """The ids, each once, :data:`MOST_ORDERS` at most; none where the event names none."""
    found = dict.fromkeys(
        each
        for each in (*_of_event(event), *_of_fields(result))
        if isinstance(each, str) and _WHOLE.fullmatch(each)
    )
    return [*islice(found, MOST_ORDERS)]


def _of_event(event: Any) -> Iterator[Any]:
    match event:
        case {"Records": [*records]}:
            for record in records:
                yield from _of_record(record)
        case {"arguments": arguments}:  # AppSync
            yield from _of_fields(arguments)
        case {"detail": {"name": str(execution)}}:  # a restarted execution's ends in its number
            yield execution.partition(".")[0]
        case {"requestContext": _}:  # a function URL
            yield from _in_texts(event.get("body"), event.get("rawQueryString"))
        case _:
            yield from _of_fields(event)


def _of_record(record: Any) -> Iterable[Any]:
    match record:
        case {"dynamodb": {"Keys": {"orderId": {"S": order_id}}}}:
            return [order_id]
        case {"body": body}:  # SQS
            return _in_texts(body)
        case _:
            return ()


def _of_fields(fields: Any) -> Iterator[Any]:
    if isinstance(fields, Mapping):
        yield fields.get("orderId")
        if isinstance(fields.get("input"), Mapping):
            yield fields["input"].get("orderId")


def _in_texts(*texts: object) -> Iterator[str]:
    for text in texts:
        if isinstance(text, str):
            yield from (found[1] or found[2] for found in _NAMED.finditer(text))
