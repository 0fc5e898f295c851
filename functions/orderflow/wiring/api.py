"""For ``api`` and ``operations_api``."""

from __future__ import annotations

from functools import cache, partial

from orderflow.api.access_refusals import AccessRefusals
from orderflow.api.verified_emails import UserPool
from orderflow.catalog.store import CatalogStore
from orderflow.orders.access import Caller
from orderflow.orders.ports import Orders
from orderflow.orders.submission_limits import (
    CANARY_LIMIT,
    BusyCustomers,
    SubmissionLimiter,
    load_submission_limit,
)
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    AccountsEnvironment,
    OrdersEnvironment,
    ReviewsEnvironment,
    SubmissionsEnvironment,
    WorkflowEnvironment,
    load_environment,
)
from orderflow.review.product_search import ProductSearch
from orderflow.review.reviews import Reviews
from orderflow.wiring import common

snapshots.prepare(aws.step_functions)


class _ApiEnvironment(OrdersEnvironment, WorkflowEnvironment):
    """What the functions that resolve GraphQL fields need."""


def orders(by: str) -> Orders:
    """The orders; ``by`` names the function in their history."""
    return common.orders(load_environment(_ApiEnvironment), by)


def state_machine_arn() -> str:
    """What executions are started with."""
    return load_environment(_ApiEnvironment).state_machine_arn


def accounts() -> UserPool:
    """The customers' accounts, for ``api`` alone."""
    return UserPool(aws.cognito(), load_environment(AccountsEnvironment).user_pool_id)


def access_refusals() -> AccessRefusals:
    """Notices customers who ask for others' orders, for ``api`` alone."""
    return AccessRefusals(aws.table(load_environment(SubmissionsEnvironment).submissions_table))


def submission_limiter(caller: Caller) -> SubmissionLimiter:
    """Counts the lists that this customer sends, for ``api`` alone."""
    environment = load_environment(SubmissionsEnvironment)
    limit = (
        (lambda: CANARY_LIMIT)
        if caller.is_synthetic
        else partial(load_submission_limit, environment.submission_limit_parameter)
    )
    table = aws.table(environment.submissions_table)
    return SubmissionLimiter(table, limit, busy=_busy_customers())


@cache
def _busy_customers() -> BusyCustomers:
    """A warm function keeps them."""
    return BusyCustomers()


def reviews(orders: Orders) -> Reviews:
    """Edits and confirms orders, for ``api`` alone."""
    return Reviews(orders, _catalog().get_products, aws.step_functions())


def reviews_by_default() -> bool:
    """Whether customers review their orders unless they say otherwise, for ``api`` alone."""
    return load_environment(ReviewsEnvironment).review_before_payment


@cache
def product_search() -> ProductSearch:
    """Finds products to add, for ``api`` alone; a warm function keeps them."""
    return ProductSearch(lambda: _catalog().load_products())


def _catalog() -> CatalogStore:
    return CatalogStore(aws.table(load_environment(ReviewsEnvironment).catalog_table))
