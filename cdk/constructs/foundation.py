"""What every construct of a stage stands on."""

from collections.abc import Callable
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from cdk.settings import Settings

CodeFor = Callable[[str], lambda_.Code]
"""The deployment package of the function whose folder is named."""


@dataclass(frozen=True)
class Foundation:
    """The stage's settings, its customer-managed key, and where functions' code comes from."""

    settings: Settings
    key: kms.IKey
    code_for: CodeFor


def removal_policy(settings: Settings) -> cdk.RemovalPolicy:
    """What becomes of the stage's data when its stack is deleted."""
    return cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY
