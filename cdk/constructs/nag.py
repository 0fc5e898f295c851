"""cdk-nag: every finding is either fixed or acknowledged with the reason why it stands."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(scope: IConstruct, reasons: Mapping[str, str]) -> None:
    """Lets findings stand on ``scope`` and all below it.

    Args:
        reasons: by finding, such as ``AwsSolutions-IAM5[Resource::*]``: why it is right here.
    """
    cdk.Validations.of(scope).acknowledge(
        *(cdk.Acknowledgment(id=finding, reason=reason) for finding, reason in reasons.items())
    )
