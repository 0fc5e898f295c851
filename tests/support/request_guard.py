"""Looks at each request to DynamoDB that this process makes, whatever client makes it."""

from __future__ import annotations

import json
from typing import Any, Final

from botocore.handlers import BUILTIN_HANDLERS

from tests.support.dynamodb_rules import Schema, broken_rules


class RequestGuard:
    """Keeps what AWS would refuse. It learns tables' keys from the requests that create them."""

    def __init__(self) -> None:
        self._schemas: dict[str, Schema] = {}
        self._broken: list[str] = []

    def take(self) -> list[str]:
        """The rules that were broken since the last call."""
        found, self._broken = self._broken, []
        return found

    def look(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        """A handler of botocore's event ``before-call``."""
        request = json.loads(params["body"])
        if model.name == "CreateTable":
            self._schemas[request["TableName"]] = Schema.of(request)
        rules = broken_rules(model.name, request, self._schemas)
        self._broken += [f"{model.name}: {rule}" for rule in rules]


GUARD: Final = RequestGuard()

# Every session of botocore registers these handlers.
BUILTIN_HANDLERS.append(("before-call.dynamodb", GUARD.look))
