"""``orders accounts``: the accounts of customers and staff."""

from __future__ import annotations

from typing import Annotated

import typer
from botocore.exceptions import ClientError

from orderflow.platform.aws_errors import error_code
from scripts.cli.console import CommandError, ExitCode, out
from scripts.cli.deployment import LOCAL, connect
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Reason, Stage

app = typer.Typer(help="Accounts of customers and staff.", no_args_is_help=True)


@app.command("reset-authenticator")
def reset_authenticator(
    email: Annotated[str, typer.Argument(help="The address that the person signs in with.")],
    *,
    reason: Reason,
    stage: Stage = LOCAL,
) -> None:
    """Remove the authenticator app of a person who lost it, once you know who asks.

    The next sign-in, with the password, sets a new app up. All sign-ins of now end.
    """
    deployment = connect(stage)
    cognito = deployment.client("cognito-idp")
    user = {"UserPoolId": deployment.output("UserPoolId"), "Username": email}
    try:
        attributes = cognito.admin_get_user(**user)["UserAttributes"]
        sub = next(each["Value"] for each in attributes if each["Name"] == "sub")
        with AuditTrail(deployment).act("account reset-authenticator", sub, reason):
            cognito.admin_delete_software_token(**user)
            cognito.admin_user_global_sign_out(**user)
    except ClientError as error:
        if error_code(error) != "UserNotFoundException":
            raise
        raise CommandError(f"No account has the address {email}.", ExitCode.NOT_FOUND) from error
    out.print("The authenticator app is removed. The next sign-in sets a new one up.")
