"""Settings, key and code, which every construct of a stage needs."""

from collections.abc import Callable
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from cdk.settings import Settings

CodeFor = Callable[[str], lambda_.Code]
"""Returns the deployment package of the function in the folder of this name."""


@dataclass(frozen=True)
class Foundation:
    """The stage's settings, its customer-managed key, and the source of the functions' code."""

    settings: Settings
    key: kms.IKey
    code_for: CodeFor


def removal_policy(settings: Settings) -> cdk.RemovalPolicy:
    """Whether the stage's data is kept when its stack is deleted."""
    return cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY
