"""The secret with PayStack's API key."""

from typing import cast

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk.constructs.foundation import Foundation, removal_policy
from cdk.constructs.nag import acknowledge

_NOTHING_ELSE = "{}"


class PaystackSecret(Construct):
    """The secret ``{"secretKey": "sk_..."}``.

    It starts as a random placeholder. Until the real key is set, no link can be created and every
    webhook is refused.

    Attributes:
        name: functions read the secret by this name.
        arn: permissions name this ARN.
    """

    def __init__(self, scope: Construct, construct_id: str, foundation: Foundation) -> None:
        super().__init__(scope, construct_id)
        self.name = f"grocery/{foundation.settings.stage}/paystack"
        secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=self.name,
            description='PayStack API key: {"secretKey": "sk_..."}',
            encryption_key=foundation.key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=_NOTHING_ELSE,
                generate_string_key="secretKey",
                exclude_punctuation=True,
            ),
            removal_policy=removal_policy(foundation.settings),
        )
        acknowledge(
            secret,
            {"AwsSolutions-SMG4": "PayStack's keys are issued by hand; nothing can rotate them."},
        )
        resource = cast("secretsmanager.CfnSecret", secret.node.default_child)
        # On AWS `Ref` is the ARN too; the emulator returns the name.
        self.arn = resource.attr_id
