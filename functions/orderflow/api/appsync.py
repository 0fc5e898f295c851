"""What all functions behind the GraphQL API share: the caller, and refusals."""

from __future__ import annotations

from typing import cast

from aws_lambda_powertools.event_handler import AppSyncResolver
from aws_lambda_powertools.utilities.data_classes.appsync_resolver_event import (
    AppSyncIdentityCognito,
)

from orderflow.errors import BusinessRefusalError, OrderNotFoundError, RetryLaterError
from orderflow.orders.access import Caller
from orderflow.platform.observability import metrics

Refusal = dict[str, dict[str, str | int]]


def resolver_app() -> AppSyncResolver:
    """A resolver that answers refusals as data (docs/decisions/0005) and raises other errors."""
    app: AppSyncResolver = AppSyncResolver()  # type: ignore[no-untyped-call]
    app.exception_handler(BusinessRefusalError)(_refuse)
    app.exception_handler(OrderNotFoundError)(_refuse_unknown_order)
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


def _refusal(error_type: str, message: str) -> Refusal:
    metrics.add_metric("RequestsRefused", "Count", 1)
    return {"refusal": {"errorType": error_type, "errorMessage": message}}
