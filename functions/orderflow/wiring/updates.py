"""For ``publish_order_updates``."""

from __future__ import annotations

from orderflow.api.graphql_client import GraphqlClient, signed
from orderflow.api.publisher import PARALLEL_ORDERS
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import ApiCallerEnvironment, load_environment

snapshots.prepare(aws.credentials)


def graphql_client() -> GraphqlClient:
    """Calls the GraphQL API as the function's role."""
    environment = load_environment(ApiCallerEnvironment)
    return GraphqlClient(
        environment.api_url,
        signed(environment.region, aws.credentials()),
        aws.http(connections=PARALLEL_ORDERS),
        environment.api_host,
    )
