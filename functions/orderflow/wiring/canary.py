"""For ``run_canary``."""

from __future__ import annotations

from typing import Final

from orderflow.api.graphql_client import GraphqlClient, with_token
from orderflow.canary.account import load_account
from orderflow.canary.customer import CanaryCustomer
from orderflow.canary.journey import Journey, Plan
from orderflow.canary.sign_in import Pool, sign_in
from orderflow.canary.updates import follow
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import CanaryEnvironment, load_environment

#: Seconds; an app waits as long for functions that have not run for a while.
API_READ_TIMEOUT: Final = 15.0

snapshots.prepare(aws.secrets, aws.cognito_for_users)


def journey() -> Journey:
    """One run of the canary."""
    environment = load_environment(CanaryEnvironment)
    plan = Plan(
        environment.grocery_list, environment.stops_before_link, environment.patience_seconds
    )
    return Journey(lambda: _signed_in(environment), plan)


def _signed_in(environment: CanaryEnvironment) -> CanaryCustomer:
    pool = Pool(environment.user_pool_id, environment.user_pool_client_id)
    account = load_account(environment.secret_name)
    customer = sign_in(aws.cognito_for_users(), pool, account)
    http = aws.http(connections=1, read_timeout=API_READ_TIMEOUT)
    api = GraphqlClient(environment.api_url, with_token(customer.token), http)
    return CanaryCustomer(
        api.execute,
        lambda: follow(environment.realtime_url, environment.api_url, customer),
    )
