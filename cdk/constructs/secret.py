"""A secret of the stage that people or commands set: it starts as a random placeholder."""

from typing import cast

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk.constructs.foundation import Foundation, removal_policy
from cdk.constructs.nag import acknowledge

_NOTHING_ELSE = "{}"


class StageSecret(Construct):
    """A secret with a JSON object, encrypted with the stage's key.

    Attributes:
        name: functions read the secret by this name.
        arn: permissions name this ARN.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        foundation: Foundation,
        *,
        name: str,
        description: str,
        key: str,
        not_rotated: str,
    ) -> None:
        """The secret ``grocery/<stage>/<name>``.

        Args:
            scope: the stack.
            construct_id: its id.
            foundation: the stage's.
            name: the end of its name.
            description: what it holds.
            key: the field that the placeholder is in.
            not_rotated: why Secrets Manager does not rotate it.
        """
        super().__init__(scope, construct_id)
        self.name = f"grocery/{foundation.settings.stage}/{name}"
        secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=self.name,
            description=description,
            encryption_key=foundation.key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=_NOTHING_ELSE,
                generate_string_key=key,
                exclude_punctuation=True,
            ),
            removal_policy=removal_policy(foundation.settings),
        )
        acknowledge(secret, {"AwsSolutions-SMG4": not_rotated})
        resource = cast("secretsmanager.CfnSecret", secret.node.default_child)
        # On AWS `Ref` is the ARN too; the emulator returns the name.
        self.arn = resource.attr_id


def paystack_secret(scope: Construct, foundation: Foundation) -> StageSecret:
    """PayStack's API key. Until it is set no link can be made, and webhooks are refused."""
    return StageSecret(
        scope,
        "Paystack",
        foundation,
        name="paystack",
        description='PayStack API key: {"secretKey": "sk_..."}',
        key="secretKey",
        not_rotated="PayStack's keys are issued by hand; nothing can rotate them.",
    )


def canary_secret(scope: Construct, foundation: Foundation) -> StageSecret:
    """The canary's account. Until it is set up, the canary misses."""
    return StageSecret(
        scope,
        "Canary",
        foundation,
        name="canary",
        description="The canary's account: email, password and totpSecret",
        key="password",
        not_rotated="`orders canary set-up` makes a new account, with new credentials.",
    )
