"""What a deployed stage needs before its first customer: key, sender, alerts, catalog, staff."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from cdk.settings import Settings, Stage
from orderflow.catalog.csv_file import CatalogFileError, read_csv
from orderflow.catalog.store import CatalogStore
from orderflow.orders.access import OPERATIONS_GROUP
from scripts import canary
from scripts.accounts import create_verified
from scripts.auth import SignInError, enrol
from scripts.bootstrap.steps import Finding, Step, StepError, by_hand, missing, ready
from scripts.cli.deployment import Deployment

_KEY_FORMS: Final = {True: "sk_live_", False: "sk_test_"}
_TIMEOUT_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Given:
    """What the person gives: each only once, in the environment or at a prompt.

    Attributes:
        paystack_key: PayStack's secret key.
        alerts_email: gets operations' alerts.
        staff_email: of the first member of operations staff.
        catalog: a CSV file (docs/catalog.md).
        show: tells the person a secret that is shown once.
    """

    paystack_key: Callable[[], str]
    alerts_email: Callable[[], str]
    staff_email: Callable[[], str]
    catalog: Callable[[], Path]
    show: Callable[[str], None]


def stage_steps(settings: Settings, deployment: Deployment, given: Given) -> list[Step]:
    """The steps after the deployment."""
    stage = _DeployedStage(settings, deployment, given)
    return [
        Step("PayStack's key", stage.key, stage.set_key),
        Step("PayStack's webhook", stage.webhook),
        Step("PayStack's session timeout", stage.session_timeout),
        Step("PayStack's receipts", stage.receipts),
        Step("The sender's address", stage.sender),
        Step("Operations' alerts", stage.alerts, stage.subscribe),
        Step("The catalog", stage.catalog, stage.load_catalog),
        Step("The first member of staff", stage.staff, stage.sign_up_staff),
        Step("The canary's account", stage.canary, stage.set_up_canary),
    ]


class _DeployedStage:
    def __init__(self, settings: Settings, deployment: Deployment, given: Given) -> None:
        self._settings = settings
        self._deployment = deployment
        self._given = given

    # --- PayStack ---

    def key(self) -> Finding:
        if self._stored_key():
            return ready("the secret holds a key of PayStack's")
        return missing("the secret holds a placeholder: no link can be created")

    def set_key(self) -> None:
        key, form = self._given.paystack_key().strip(), _KEY_FORMS[self._is_live]
        if not key.startswith(form):
            raise StepError(f"The key of {self._settings.stage} must begin with {form}.")
        self._deployment.client("secretsmanager").put_secret_value(
            SecretId=self._deployment.output("PaystackSecretName"),
            SecretString=json.dumps({"secretKey": key}),
        )

    def webhook(self) -> Finding:
        """PayStack's API does not tell which address is set."""
        url = self._deployment.output("WebhookUrl")
        return by_hand(f"Set {url} in PayStack's dashboard (Settings, API Keys & Webhooks).")

    def session_timeout(self) -> Finding:
        key = self._stored_key()
        if not key:
            return by_hand("can't be read before the key is set")
        base = self._deployment.urls.paystack if self._deployment.urls else None
        try:
            answer = httpx.get(
                f"{base or self._settings.paystack_base_url}/integration/payment_session_timeout",
                headers={"Authorization": f"Bearer {key}"},
                timeout=_TIMEOUT_SECONDS,
                trust_env=base is None,
            ).raise_for_status()
        except httpx.HTTPError as error:
            raise StepError(f"PayStack does not say its session timeout: {error}") from error
        seconds = int(answer.json()["data"]["payment_session_timeout"])
        validity = float(self._deployment.output("LinkValiditySeconds"))
        if seconds and seconds < validity:
            return by_hand(
                f"A checkout ends after {seconds} s, before its link does ({validity:g} s). Set it "
                "to none in PayStack's dashboard (Preferences, Payment session timeout)."
            )
        return ready("checkouts live as long as their links")

    def receipts(self) -> Finding:
        """PayStack's API does not tell whether it sends them."""
        if self._settings.own_receipts:
            return ready("each payment is confirmed by an e-mail of ours")
        return by_hand(
            "Check in PayStack's dashboard (Settings, Preferences) that Transaction Receipts are "
            "on: customers get no other e-mail about a payment."
        )

    # --- e-mail ---

    def sender(self) -> Finding:
        sender = self._deployment.output("SenderEmail")
        attributes = self._deployment.client("ses").get_identity_verification_attributes(
            Identities=[sender]
        )["VerificationAttributes"]
        if attributes.get(sender, {}).get("VerificationStatus") == "Success":
            return ready(f"{sender} is verified")
        return by_hand(f"Click the link that SES has sent to {sender}.")

    def alerts(self) -> Finding:
        topic = self._deployment.output("OperationsTopicArn")
        found = self._deployment.client("sns").list_subscriptions_by_topic(TopicArn=topic)
        arns = [each["SubscriptionArn"] for each in found["Subscriptions"]]
        if not arns:
            return missing("nobody gets operations' alerts")
        if all(arn == "PendingConfirmation" for arn in arns):
            return by_hand("Confirm the subscription from the mailbox.")
        return ready(f"{len(arns)} subscriptions")

    def subscribe(self) -> None:
        self._deployment.client("sns").subscribe(
            TopicArn=self._deployment.output("OperationsTopicArn"),
            Protocol="email",
            Endpoint=self._given.alerts_email(),
        )

    # --- catalog and staff ---

    def catalog(self) -> Finding:
        table = self._deployment.table(self._deployment.output("CatalogTable"))
        if table.scan(Limit=1)["Items"]:
            return ready("products are there")
        return missing("the catalog is empty: every order is rejected")

    def load_catalog(self) -> None:
        try:
            products = read_csv(self._given.catalog())
        except CatalogFileError as error:
            raise StepError(str(error)) from error
        table = self._deployment.table(self._deployment.output("CatalogTable"))
        CatalogStore(table).put_products(products)

    def staff(self) -> Finding:
        users = self._cognito.list_users_in_group(
            UserPoolId=self._pool, GroupName=OPERATIONS_GROUP, Limit=1
        )["Users"]
        return ready("there is one") if users else missing("nobody may use operations' API")

    def sign_up_staff(self) -> None:
        """Also after a run that ended in between: what is there is taken over."""
        email = self._given.staff_email()
        password = create_verified(self._cognito, self._pool, email)
        try:
            secret, _ = enrol(self._deployment.user_pool, email, password)
        except SignInError as error:
            raise StepError(
                f"{email} can't set an authenticator up: {error} If the user has one already: "
                "`orders accounts reset-authenticator`."
            ) from error
        # Last: a user in the group counts as done.
        self._cognito.admin_add_user_to_group(
            UserPoolId=self._pool, Username=email, GroupName=OPERATIONS_GROUP
        )
        self._given.show(
            f"Sign in as {email} with the password {password} and an authenticator app with the "
            f"key {secret}. They are shown once: keep them in a password manager."
        )

    # --- the canary ---

    def canary(self) -> Finding:
        if canary.is_set_up(self._deployment):
            return ready("the canary can sign in")
        return missing("the canary has no account: it misses, and pages")

    def set_up_canary(self) -> None:
        try:
            canary.set_up(self._deployment)
        except SignInError as error:
            raise StepError(f"The canary can't sign in: {error}") from error

    @property
    def _cognito(self) -> Any:
        return self._deployment.client("cognito-idp")

    @property
    def _pool(self) -> str:
        return self._deployment.output("UserPoolId")

    @property
    def _is_live(self) -> bool:
        return self._settings.stage is Stage.PROD

    def _stored_key(self) -> str | None:
        """PayStack's key; None for the placeholder, which is no key of PayStack's."""
        answer = self._deployment.client("secretsmanager").get_secret_value(
            SecretId=self._deployment.output("PaystackSecretName")
        )
        key = str(json.loads(answer["SecretString"]).get("secretKey", ""))
        return key if key.startswith(tuple(_KEY_FORMS.values())) else None
