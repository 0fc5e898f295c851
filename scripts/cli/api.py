"""The customers' GraphQL API, as a signed-in customer."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from scripts.auth import Tokens, sign_in
from scripts.cli.console import CommandError, ExitCode
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
    orderId status statusReason totalKobo currency paymentLink executionArn
    lines {
      text productId name quantity unit packs packSize unitPriceKobo lineTotalKobo
      matchedBy confidence
    }
    unmatched { text reason }
  }
}"""


class CustomerApi:
    """The API of one stage. Signs in at the first call; local sign-ins are kept between commands.

    Args:
        deployment: the stage.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._http = httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=deployment.urls is None)
        self._token: str | None = None

    @property
    def email(self) -> str:
        """The signed-in customer's address."""
        return self._deployment.sign_in_credentials().email

    def sign_in(self) -> None:
        """Sign in, unless that was done before."""
        if self._token is None:
            self._token = _cached_token(self._deployment.token_cache) or self._fresh_token()

    def submit(self, fields: dict[str, Any]) -> dict[str, Any]:
        """``submitGroceryList``."""
        return self._call(SUBMIT, {"input": fields})

    def get_order(self, order_id: str) -> dict[str, Any]:
        """``getOrder``."""
        return self._call(GET_ORDER, {"orderId": order_id})

    def _call(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        self.sign_in()
        try:
            response = self._http.post(
                self._deployment.graphql_url,
                json={"query": query, "variables": variables},
                headers={"Authorization": self._token or ""},
            )
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise CommandError(
                f"The API does not answer ({type(error).__name__}).", ExitCode.UNAVAILABLE
            ) from error
        if errors := answer.get("errors"):
            raise _refusal(errors[0])
        fields: dict[str, Any] = answer["data"]
        result: dict[str, Any] = next(iter(fields.values()))
        return result

    def _fresh_token(self) -> str:
        credentials = self._deployment.sign_in_credentials()
        tokens = sign_in(
            self._deployment.user_pool,
            credentials.email,
            credentials.password,
            credentials.totp_secret,
        )
        if self._deployment.token_cache:
            _remember(self._deployment.token_cache, tokens)
        return tokens.id_token


def _refusal(error: dict[str, Any]) -> CommandError:
    kind = error.get("errorType") or "Error"
    code = {
        "OrderNotFound": ExitCode.NOT_FOUND,
        "InternalError": ExitCode.FAILED,
        "UnauthorizedException": ExitCode.UNAVAILABLE,
    }.get(kind, ExitCode.REFUSED)
    return CommandError(f"{kind}: {error['message']}", code)


def _cached_token(path: Path | None) -> str | None:
    try:
        cached = json.loads(path.read_text()) if path else None
    except (FileNotFoundError, ValueError):
        return None
    if cached is None or datetime.fromisoformat(cached["expiresAt"]) < datetime.now(UTC) + _MARGIN:
        return None
    return str(cached["idToken"])


def _remember(path: Path, tokens: Tokens) -> None:
    content = {"idToken": tokens.id_token, "expiresAt": tokens.expires_at.isoformat()}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
