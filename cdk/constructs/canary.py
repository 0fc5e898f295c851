"""The canary: a function that orders every five minutes as a customer does, and its account."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_appsync as appsync
from constructs import Construct

from cdk.canary_times import (
    GROCERY_LIST,
    INTERVAL_MINUTES,
    PATIENCE_SECONDS,
    TIMEOUT_SECONDS,
)
from cdk.constructs import event_sources
from cdk.constructs.functions.capability import Capability, Permission
from cdk.constructs.functions.function import FunctionProps, OrdersFunction
from cdk.constructs.functions.local_addresses import local_address
from cdk.constructs.functions.resources import Resources
from cdk.constructs.secret import canary_secret
from cdk.local_stage import LocalAddress


class Canary(Construct):
    """The function, its account's secret and its schedule.

    On the local stage the schedule is off, and `orders canary run` runs it: an hour takes a minute
    there, and each run would cost a second of this machine.

    Attributes:
        function: orders once.
        secret_name: the secret with its account; `orders canary set-up` fills it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, resources: Resources, api: appsync.GraphqlApi
    ) -> None:
        super().__init__(scope, construct_id)
        settings = resources.foundation.settings
        secret = canary_secret(self, resources.foundation)
        self.secret_name = secret.name
        self.function = OrdersFunction(
            self,
            "Run",
            resources.foundation,
            FunctionProps(
                name="run_canary",
                description="Orders as a customer does, and measures whether that works",
                timeout_seconds=TIMEOUT_SECONDS,
                environment={
                    "CANARY_LIST": GROCERY_LIST,
                    "CANARY_STOPS_BEFORE_LINK": str(settings.canary_stops_before_link).lower(),
                    "CANARY_PATIENCE_SECONDS": str(PATIENCE_SECONDS),
                    **_addresses(resources, api),
                },
                capabilities=[
                    Capability(
                        {"CANARY_SECRET_NAME": secret.name},
                        [Permission(["secretsmanager:GetSecretValue"], [secret.arn])],
                        ["secretsmanager"],
                    )
                ],
            ),
        )
        event_sources.every_without_repetition(
            self,
            "Schedule",
            self.function,
            cdk.Duration.minutes(INTERVAL_MINUTES),
            enabled=settings.emulator is None,
        )


def _addresses(resources: Resources, api: appsync.GraphqlApi) -> dict[str, str]:
    """What customers' apps are configured with."""
    app = {
        "USER_POOL_ID": resources.users.user_pool_id,
        "USER_POOL_CLIENT_ID": resources.user_pool_client.user_pool_client_id,
    }
    if resources.foundation.settings.emulator is None:
        resource = cast("appsync.CfnGraphQLApi", api.node.default_child)
        realtime = resource.attr_realtime_url
        return {**app, "GRAPHQL_API_URL": api.graphql_url, "GRAPHQL_REALTIME_URL": realtime}
    door = local_address(LocalAddress.FRONT_DOOR)
    return {
        **app,
        "GRAPHQL_API_URL": f"{door}/graphql",
        "GRAPHQL_REALTIME_URL": f"ws{cdk.Fn.select(1, cdk.Fn.split('http', door))}/graphql",
        # The second factor is asked for by the proxy of the emulator's Cognito.
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": local_address(LocalAddress.COGNITO),
    }
