"""Customers by their e-mail addresses, which their accounts hold."""

from __future__ import annotations

import re
from typing import Final

from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment

_ADDRESS: Final = re.compile(r"[^\s\"\\@]+@[^\s\"\\@]+")


def customer_id(deployment: Deployment, text: str) -> str:
    """The customer's Cognito ``sub``, of an e-mail address or as it stands.

    Args:
        deployment: the stage.
        text: an address, or a ``sub``.

    Raises:
        CommandError: no account has this address.
    """
    if "@" not in text:
        return text
    if not _ADDRESS.fullmatch(text):
        raise CommandError(f"{text} is no e-mail address.", ExitCode.REFUSED)
    found = deployment.client("cognito-idp").list_users(
        UserPoolId=deployment.output("UserPoolId"), Filter=f'email = "{text}"', Limit=1
    )["Users"]
    if not found:
        raise CommandError(
            f"No account of stage {deployment.stage} has the address {text}.", ExitCode.NOT_FOUND
        )
    return next(str(each["Value"]) for each in found[0]["Attributes"] if each["Name"] == "sub")
