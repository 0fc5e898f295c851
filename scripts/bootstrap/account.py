"""What the account and its region must offer before the first deployment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from cdk.settings import Settings
from scripts.bootstrap.steps import Finding, Step, blocked, by_hand, missing, ready

#: Lambda leaves so many calls at once to the functions that reserve none.
UNRESERVED: Final = 100

TOOLKIT: Final = "CDKToolkit"

#: ``client(service, region)``; None for the stage's region.
Clients = Callable[..., Any]


def account_steps(
    settings: Settings, client: Clients, bootstrap_cdk: Callable[[str], None]
) -> list[Step]:
    """The steps before the deployment.

    Args:
        settings: the stage's.
        client: makes clients of AWS.
        bootstrap_cdk: bootstraps the CDK in a region.
    """
    look = _Account(settings, client)
    regions = [settings.region, *filter(None, [settings.backup_region])]
    return [
        Step("The account", look.identity),
        Step("Lambda's concurrency", look.concurrency),
        Step("The domain of Cognito's e-mails", look.domain),
        Step("The sender's sandbox", look.sandbox),
        Step("The model", look.model),
        Step("Copies of backups", look.copies),
        *(
            Step(
                f"The CDK in {region}",
                partial(look.toolkit, region),
                partial(bootstrap_cdk, region),
            )
            for region in regions
        ),
    ]


class _Account:
    """Looks at an account; changes nothing."""

    def __init__(self, settings: Settings, client: Clients) -> None:
        self._settings = settings
        self._client = client

    def identity(self) -> Finding:
        who = self._client("sts").get_caller_identity()
        if self._settings.account not in {None, who["Account"]}:
            return blocked(
                f"These credentials are of the account {who['Account']}; the stage belongs to "
                f"{self._settings.account} (cdk/settings.py). Take those of the stage's account."
            )
        return ready(f"{who['Account']} in {self._settings.region}, as {who['Arn']}")

    def concurrency(self) -> Finding:
        limit = self._client("lambda").get_account_settings()["AccountLimit"]
        reserved = self._settings.return_concurrency + (
            self._settings.guard.webhook_concurrency or 0
        )
        needed, there = UNRESERVED + reserved, limit["ConcurrentExecutions"]
        if there < needed:
            return blocked(
                f"{there} calls at once are allowed, {needed} are needed. Ask for more: Service "
                'Quotas, AWS Lambda, "Concurrent executions"; it takes some hours.'
            )
        return ready(f"{there} calls at once; {needed} are needed")

    def domain(self) -> Finding:
        domain = self._settings.account_emails_domain
        if not domain:
            return ready("none: Cognito sends by itself, 50 e-mails a day")
        if _is_verified(self._client("sesv2"), domain):
            return ready(f"{domain} is verified")
        return blocked(
            f"Verify {domain} in SES ({self._settings.region}): create the identity, and put its "
            "DKIM records into the domain's DNS. A user pool can't be created before."
        )

    def sandbox(self) -> Finding:
        if self._client("sesv2").get_account()["ProductionAccessEnabled"]:
            return ready("SES sends to all addresses")
        return by_hand(
            "SES is in its sandbox and sends to verified addresses alone. Ask for production "
            "access in SES's console, or verify the addresses of your testers."
        )

    def model(self) -> Finding:
        model = self._settings.model_id
        try:
            self._client("bedrock-runtime").converse(
                modelId=model,
                messages=[{"role": "user", "content": [{"text": "Hello"}]}],
                inferenceConfig={"maxTokens": 1},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in {"AccessDeniedException", "ResourceNotFoundException"}:
                raise
            return by_hand(
                f"{model} does not answer ({code}). Allow it in Bedrock's console (model access), "
                "in each region of its profile. Until then orders are matched by name."
            )
        return ready(f"{model} answers")

    def copies(self) -> Finding:
        region = self._settings.backup_region
        if not region:
            return ready("none in this stage")
        asked = self._client("backup").describe_region_settings()
        if asked.get("ResourceTypeManagementPreference", {}).get("DynamoDB"):
            return ready(f"AWS Backup copies to {region}")
        return blocked(
            'Turn on "Advanced features for Amazon DynamoDB backups" (AWS Backup, Settings) in '
            f"{self._settings.region}: without them no backup is copied to {region}."
        )

    def toolkit(self, region: str) -> Finding:
        try:
            stacks = self._client("cloudformation", region).describe_stacks(StackName=TOOLKIT)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            return missing(f"`cdk bootstrap` was not run in {region}")
        return ready(f"{TOOLKIT} is {stacks['Stacks'][0]['StackStatus']}")


def _is_verified(ses: Any, identity: str) -> bool:
    try:
        return bool(ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return False
