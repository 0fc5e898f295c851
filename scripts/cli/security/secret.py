"""``orders secret``: rotates PayStack's API key."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Final

import typer
from botocore.exceptions import ClientError

from orderflow.payments.webhook_keys import PREVIOUS_KEY_LIFETIME
from orderflow.platform.aws_errors import error_code
from scripts.cli.console import CommandError, ExitCode, out
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Reason, Stage

app = typer.Typer(help="PayStack's API key.", no_args_is_help=True)

_KEY: Final = re.compile(r"sk_(test|live)_[A-Za-z0-9]{8,}")
_SUBJECT: Final = "paystack"


@app.command("rotate")
def rotate(*, reason: Reason, stage: Stage = LOCAL) -> None:
    """Use a new key of PayStack's dashboard; events signed with the old one stay accepted a while.

    The key is asked for, or read from ORDERS_PAYSTACK_KEY.
    """
    deployment = connect(stage)
    key = os.environ.get("ORDERS_PAYSTACK_KEY") or typer.prompt(
        "New secret key", hide_input=True, err=True
    )
    if not _KEY.fullmatch(key):
        raise CommandError(
            "That is no secret key of PayStack (sk_live_... or sk_test_...).", ExitCode.REFUSED
        )
    secrets, name = deployment.client("secretsmanager"), deployment.output("PaystackSecretName")
    text = json.dumps({"secretKey": key})
    if secrets.get_secret_value(SecretId=name)["SecretString"] == text:
        raise CommandError("That key is in use already.", ExitCode.REFUSED)
    with AuditTrail(deployment).act("secret rotate", _SUBJECT, reason):
        secrets.put_secret_value(SecretId=name, SecretString=text)
    hours = int(PREVIOUS_KEY_LIFETIME.total_seconds() // 3600)
    out.print(
        "Calls use the new key within a minute. Events signed with the old one are accepted for "
        f"{hours} hours; `orders secret revoke-previous` ends that at once.",
        soft_wrap=True,
    )


@app.command("revoke-previous")
def revoke_previous(*, reason: Reason, stage: Stage = LOCAL) -> None:
    """Refuse events signed with the key before the current one, such as a key that has leaked."""
    deployment = connect(stage)
    secrets, name = deployment.client("secretsmanager"), deployment.output("PaystackSecretName")
    version = _previous_version(secrets, name)
    with AuditTrail(deployment).act("secret revoke-previous", _SUBJECT, reason):
        secrets.update_secret_version_stage(
            SecretId=name, VersionStage="AWSPREVIOUS", RemoveFromVersionId=version
        )
    out.print("Events signed with the previous key are refused within a minute.")


def _previous_version(secrets: Any, name: str) -> str:
    try:
        found = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise CommandError("There is no previous key.", ExitCode.NOT_FOUND) from error
    return str(found["VersionId"])
