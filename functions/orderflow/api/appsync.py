"""What all functions behind the GraphQL API share: the caller, refusals, and being busy."""

from __future__ import annotations

import math
from typing import Final, cast

from aws_lambda_powertools.event_handler import AppSyncResolver
from aws_lambda_powertools.utilities.data_classes.appsync_resolver_event import (
    AppSyncIdentityCognito,
)
from botocore.exceptions import ClientError

from orderflow.errors import (
    BusinessRefusalError,
    OrderNotFoundError,
    ProviderUnavailableError,
    RetryLaterError,
)
from orderflow.orders.access import Caller
from orderflow.platform.aws_errors import error_code, is_outage, retry_after_seconds
from orderflow.platform.observability import logger, metrics

Refusal = dict[str, dict[str, str | int]]

#: Callers are asked to wait so long, where the busy service does not say how long it needs.
RETRY_AFTER_SECONDS: Final = 5


class BusyError(RetryLaterError):
    """AWS throttles us, or a part of it does not answer."""


def resolver_app() -> AppSyncResolver:
    """A resolver that answers refusals as data (docs/decisions/0005) and raises other errors.

    Being busy is such a refusal: AWS throttles, or does not answer, and the caller is to try again.
    """
    app: AppSyncResolver = AppSyncResolver()  # type: ignore[no-untyped-call]
    app.exception_handler(BusinessRefusalError)(_refuse)
    app.exception_handler(OrderNotFoundError)(_refuse_unknown_order)
    app.exception_handler(ProviderUnavailableError)(_refuse_while_unavailable)
    app.exception_handler(ClientError)(_refuse_while_throttled)
    return app


def caller_of(app: AppSyncResolver) -> Caller:
    """The calling user. Cognito has verified the token, AppSync the groups."""
    identity = identity_of(app)
    return Caller(identity.sub, frozenset(identity.groups or ()))


def identity_of(app: AppSyncResolver) -> AppSyncIdentityCognito:
    """The calling user with the claims of the token, which AppSync has verified."""
    return cast("AppSyncIdentityCognito", app.current_event.identity)  # type: ignore[union-attr]


def _refuse(error: BusinessRefusalError) -> Refusal:
    """A refusal that the customer can act on; the resolver raises it as a GraphQL error."""
    refusal = _refusal(type(error).__name__.removesuffix("Error"), str(error))
    if isinstance(error, RetryLaterError):
        refusal["refusal"]["retryAfterSeconds"] = error.retry_after_seconds
    return refusal


def _refuse_unknown_order(_: OrderNotFoundError) -> Refusal:
    """No such order, or another customer's."""
    return _refusal("OrderNotFound", "You have no such order.")


def _refuse_while_unavailable(error: ProviderUnavailableError) -> Refusal:
    """A part of AWS that the request needs is throttling or out."""
    return _refuse_busy(str(error), error.retry_after_seconds)


def _refuse_while_throttled(error: ClientError) -> Refusal:
    """The same, of a service whose errors pass unchanged.

    Raises:
        ClientError: the service refused the request: an error of ours.
    """
    if not is_outage(error):
        raise error
    return _refuse_busy(error_code(error), retry_after_seconds(error))


def _refuse_busy(cause: str, retry_after: float | None) -> Refusal:
    logger.warning("busy", extra={"problem": cause})
    metrics.add_metric("RequestsBusy", "Count", 1)
    seconds = max(math.ceil(retry_after or 0), RETRY_AFTER_SECONDS)
    return _refuse(
        BusyError(f"We are very busy right now. Please try again in {seconds} seconds.", seconds)
    )


def _refusal(error_type: str, message: str) -> Refusal:
    metrics.add_metric("RequestsRefused", "Count", 1)
    return {"refusal": {"errorType": error_type, "errorMessage": message}}
