"""A client of the customers' GraphQL API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from scripts.auth import SignInError, Tokens, refresh, sign_in
from scripts.cli.console import CommandError, ExitCode, TryLaterError
from scripts.cli.deployment import Deployment

_TIMEOUT_SECONDS: Final = 30.0
_MARGIN: Final = timedelta(minutes=1)

SUBMIT: Final = """
mutation Submit($input: SubmitGroceryListInput!) {
  submitGroceryList(input: $input) { orderId status executionArn }
}"""

GET_ORDER: Final = """
query GetOrder($orderId: ID!) {
  getOrder(orderId: $orderId) {
    orderId status statusReason totalKobo currency paymentLink executionArn version
    lines {
      text productId name quantity unit packs packSize unitPriceKobo lineTotalKobo
      matchedBy confidence packing priceNote
    }
    unmatched { text reason question alternatives { name similarity } }
  }
}"""

CONFIRM: Final = """
mutation Confirm($orderId: ID!, $version: Int!) {
  confirmOrder(orderId: $orderId, version: $version) { orderId status }
}"""

BLOCKED: Final = (
    "The web application firewall refused the request: too many came from your address in five "
    "minutes, or its content is not accepted. Wait and try again; `orders waf test` says which "
    "rule it meets."
)


class CustomerApi:
    """The API of one stage. Signs in at the first call; caches local sign-ins between commands.

    Args:
        deployment: the stage.
        transport: the HTTP transport; the network by default.
    """

    def __init__(
        self, deployment: Deployment, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._deployment = deployment
        self._http = httpx.Client(
            timeout=_TIMEOUT_SECONDS, trust_env=deployment.urls is None, transport=transport
        )
        self._token: str | None = None

    def sign_in(self) -> None:
        """Sign in unless signed in already."""
        if self._token is None:
            self._token = _cached_token(self._deployment.token_cache) or self._fresh_token()

    def submit(self, fields: dict[str, Any]) -> dict[str, Any]:
        """``submitGroceryList``.

        Raises:
            TryLaterError: the API is busy, or this customer sends too many lists.
        """
        return self._call(SUBMIT, {"input": fields})

    def get_order(self, order_id: str) -> dict[str, Any]:
        """``getOrder``."""
        return self._call(GET_ORDER, {"orderId": order_id})

    def confirm(self, order_id: str, version: int) -> dict[str, Any]:
        """``confirmOrder``."""
        return self._call(CONFIRM, {"orderId": order_id, "version": version})

    def _call(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        self.sign_in()
        answer = self._post({"query": query, "variables": variables})
        if errors := answer.get("errors"):
            raise _refusal(errors[0])
        result: dict[str, Any] = next(iter(answer["data"].values()))
        return result

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": self._token or ""}
        response = self._http.post(self._deployment.graphql_url, json=body, headers=headers)
        try:
            answer: dict[str, Any] = response.json()
        except ValueError as error:
            raise CommandError(
                f"The API's answer (HTTP {response.status_code}) is not JSON.",
                ExitCode.UNAVAILABLE,
            ) from error
        return answer

    def _fresh_token(self) -> str:
        cache = self._deployment.token_cache
        tokens = (self._renewed(cache) if cache else None) or self._signed_in()
        if cache:
            tokens.save(cache)
        return tokens.id_token

    def _renewed(self, cache: Path) -> Tokens | None:
        """New tokens for cached ones; None if there are none that can be renewed."""
        cached = Tokens.load(cache)
        if cached is None or cached.refresh_token is None:
            return None
        try:
            return refresh(self._deployment.user_pool, cached.refresh_token)
        except SignInError:
            return None

    def _signed_in(self) -> Tokens:
        customer = self._deployment.customer
        return sign_in(
            self._deployment.user_pool, customer.email, customer.password, customer.totp_secret
        )


def _cached_token(path: Path | None) -> str | None:
    cached = Tokens.load(path) if path else None
    if cached is None or cached.expires_at < datetime.now(UTC) + _MARGIN:
        return None
    return cached.id_token


def _refusal(error: dict[str, Any]) -> CommandError:
    kind = error.get("errorType") or "Error"
    retry_after = (error.get("errorInfo") or {}).get("retryAfterSeconds")
    if retry_after is not None:
        return TryLaterError(f"{kind}: {error['message']}", float(retry_after))
    if kind == "WAFForbiddenException":
        return CommandError(BLOCKED, ExitCode.REFUSED)
    code = {
        "OrderNotFound": ExitCode.NOT_FOUND,
        "InternalError": ExitCode.FAILED,
        "UnauthorizedException": ExitCode.UNAVAILABLE,
    }.get(kind, ExitCode.REFUSED)
    return CommandError(f"{kind}: {error['message']}", code)
