"""cdk-nag: every finding is fixed, or acknowledged with a reason."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(scope: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accepts findings on ``scope`` and all constructs below it.

    Args:
        reasons: the reason by finding, such as ``AwsSolutions-IAM5[Resource::*]``.
    """
    cdk.Validations.of(scope).acknowledge(
        *(cdk.Acknowledgment(id=finding, reason=reason) for finding, reason in reasons.items())
    )
