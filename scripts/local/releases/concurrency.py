"""A function's reserved concurrency holds for all its versions, as on AWS; MiniStack's for none.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import lambda_svc  # type: ignore[import-untyped]

Record = Mapping[str, Any]
Reserved = Callable[[Record, Record], int | None]


def install() -> None:
    """Replaces MiniStack's look-up of the concurrency that a call draws on."""
    lambda_svc._reserved_concurrency = of_all_versions(lambda_svc._reserved_concurrency)


def of_all_versions(reserved: Reserved) -> Reserved:
    """``reserved``, which for a version finds what the function itself reserves."""

    def find(record: Record, config: Record) -> int | None:
        found = reserved(record, config)
        if found is None:
            function = lambda_svc._functions.get(config.get("FunctionName", ""))
            found = reserved(function or {}, {})
        return found

    return find
