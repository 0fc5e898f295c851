"""The canary's account, and a run of it by hand."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Final

from pydantic import SecretStr, ValidationError

from cdk.canary_times import TIMEOUT_SECONDS
from orderflow.canary.account import CanaryAccount
from orderflow.orders.access import CANARY_GROUP
from scripts.accounts import create_verified
from scripts.auth import enrol
from scripts.cli.console import CommandError, ExitCode
from scripts.cli.deployment import Deployment

#: SES's mailbox simulator accepts its e-mails, and they count for no reputation
#: (https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html).
_ADDRESS: Final = "success+canary-{stage}@simulator.amazonses.com"


def set_up(deployment: Deployment) -> str:
    """Gives the canary a new account with both factors, and keeps it in the secret; its address.

    An account that it had is deleted.

    Raises:
        SignInError: the new account can't sign in.
    """
    cognito, pool_id = deployment.client("cognito-idp"), deployment.output("UserPoolId")
    email = _ADDRESS.format(stage=deployment.stage)
    user = {"UserPoolId": pool_id, "Username": email}
    with suppress(cognito.exceptions.UserNotFoundException):
        cognito.admin_delete_user(**user)
    password = create_verified(cognito, pool_id, email)
    # Before it signs in: tokens name the groups of that moment.
    cognito.admin_add_user_to_group(**user, GroupName=CANARY_GROUP)
    totp_secret, _ = enrol(deployment.user_pool, email, password)
    account = CanaryAccount(
        email=email, password=SecretStr(password), totp_secret=SecretStr(totp_secret)
    )
    deployment.client("secretsmanager").put_secret_value(
        SecretId=deployment.output("CanarySecretName"), SecretString=json.dumps(account.as_secret())
    )
    return email


def is_set_up(deployment: Deployment) -> bool:
    """Whether the secret holds an account, and not the placeholder of a new stage."""
    answer = deployment.client("secretsmanager").get_secret_value(
        SecretId=deployment.output("CanarySecretName")
    )
    try:
        CanaryAccount.model_validate_json(answer["SecretString"])
    except ValidationError:
        return False
    return True


def run(deployment: Deployment) -> dict[str, Any]:
    """One run of the function: ``passed``, ``seconds``, ``orderId``, ``failedStep``, ``problem``.

    Raises:
        CommandError: the function failed, which is no run.
    """
    functions = deployment.patient_client("lambda", TIMEOUT_SECONDS)
    response = functions.invoke(FunctionName=deployment.output("CanaryFunction"), Payload="{}")
    answer: dict[str, Any] = json.loads(response["Payload"].read())
    if "FunctionError" in response:
        error = answer.get("errorType", "no answer")
        raise CommandError(f"The function run_canary failed: {error}.", ExitCode.UNAVAILABLE)
    return answer
