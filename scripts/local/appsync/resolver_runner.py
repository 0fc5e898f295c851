"""Runs the JavaScript of subscriptions' AppSync resolvers (APPSYNC_JS).

The emulator runs resolvers of queries and mutations, but does not return the filter of a
subscription's resolver (``extensions.setSubscriptionFilter``). So its JavaScript worker is used
here without the service around it; the emulator's version is pinned.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from ministack.core import appsync_js, node_pool  # type: ignore[import-untyped]

_TIMEOUT_SECONDS: Final = 10.0

log = logging.getLogger(__name__)


class ResolverError(Exception):
    """The resolver refused the request (``util.error``, ``util.unauthorized``) or failed.

    Args:
        message: for the client.
        error_type: the error's type for clients.
        error_info: what else clients may know of it (``errorInfo``).
    """

    def __init__(
        self, message: str, error_type: str, error_info: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.error_info = error_info


class ResolverRunner:
    """Runs resolvers in Node, which starts with the first call."""

    def __init__(self) -> None:
        self._pool = node_pool.NodeWorkerPool(
            appsync_js._WORKER_SCRIPT,  # noqa: SLF001 - it has no public name
            log_prefix="resolver",
            logger=log,
            timeout=_TIMEOUT_SECONDS,
        )

    def subscribe(self, code: str, context: Mapping[str, Any]) -> dict[str, Any] | None:
        """Runs a subscription's resolver on a NONE data source.

        Args:
            code: the resolver's module, with ``request`` and ``response``.
            context: its ``ctx``.

        Returns:
            The filter that it sets (``{"filterGroup": [...]}``); None if it sets none.

        Raises:
            ResolverError: if it refuses or fails.
        """
        payload = (self.run(code, "request", context) or {}).get("payload")
        answered = self._call(code, "response", {**context, "result": payload})
        filters = [
            each["filter"]
            for each in answered.get("extensions", ())
            if each["op"] == "setSubscriptionFilter"
        ]
        return filters[-1] if filters else None

    def run(self, code: str, function: str, context: Mapping[str, Any]) -> Any:
        """The return value of one of a resolver's two functions.

        Raises:
            ResolverError: if it refuses or fails.
        """
        return self._call(code, function, context).get("value")

    def close(self) -> None:
        """Ends Node."""
        self._pool.reset()

    def _call(self, code: str, function: str, context: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._pool.call({"code": code, "fn": function, "ctx": context})
        if answer["status"] == "error":
            error = answer["error"]
            raise ResolverError(
                error["message"], error.get("errorType") or "UnknownError", error.get("errorInfo")
            )
        return answer
