"""Seeds a deployed local stack with a catalog, settings and a customer."""

import json
import secrets
from typing import Final

import httpx

from cdk.guard_settings import API_ACL, SIGN_IN_ACL
from cdk.settings import Settings, Stage
from orderflow.catalog.csv_file import read_csv
from orderflow.catalog.store import CatalogStore
from scripts.accounts import create_verified
from scripts.auth import SignInError, UserPool, enrol
from scripts.local.appsync.api import Api
from scripts.local.errors import LocalStackError
from scripts.local.stack import aws
from scripts.local.stack.deploy import PREFIX, template_of
from scripts.local.stack.state import PROJECT, REGION, DemoCustomer, Home, Urls
from scripts.local.stand_ins.paystack.webhook import Domain
from scripts.local.waf.guard import Setting

CATALOG: Final = PROJECT / "scripts" / "local" / "catalog.csv"
_EMAIL: Final = "demo.customer@example.com"

#: The queue that receives what the operations topic sends, for `orders alerts` to look into.
OPERATIONS_MAILBOX: Final = "operations-mailbox"


def new_paystack_key() -> str:
    """A secret key in the form of PayStack's test keys."""
    return f"sk_test_{secrets.token_hex(20)}"


def load_catalog(urls: Urls, outputs: dict[str, str]) -> None:
    """Puts the demo shop's products into the catalog table."""
    table = aws.resource("dynamodb", urls.aws).Table(outputs["CatalogTable"])
    CatalogStore(table).put_products(read_csv(CATALOG))


def connect_paystack(urls: Urls, outputs: dict[str, str], secret_key: str) -> None:
    """Sets the merchant's key on both sides, and the webhook's address in PayStack.

    The account is live, so that its webhooks are repeated as often as a live shop's.
    """
    aws.client("secretsmanager", urls.aws).put_secret_value(
        SecretId=outputs["PaystackSecretName"], SecretString=json.dumps({"secretKey": secret_key})
    )
    target = {
        "url": urls.local_function_url(outputs["WebhookUrl"]),
        "secretKey": secret_key,
        "domain": Domain.LIVE,
    }
    _put(f"{urls.paystack}/_admin/webhook", json.dumps(target))


def open_front_door(urls: Urls, outputs: dict[str, str]) -> None:
    """Sets the API of the front door, with the deployed schema."""
    appsync = aws.client("appsync", urls.aws)
    schema = appsync.get_introspection_schema(
        apiId=outputs["GraphqlApiId"], format="SDL", includeDirectives=True
    )
    resolvers = appsync.list_resolvers(apiId=outputs["GraphqlApiId"], typeName="Subscription")
    api = Api(
        api_id=outputs["GraphqlApiId"],
        region=REGION,
        user_pool_id=outputs["UserPoolId"],
        client_ids=frozenset({outputs["UserPoolClientId"]}),
        schema_text=schema["schema"].read().decode(),
        subscription_code={each["fieldName"]: each["code"] for each in resolvers["resolvers"]},
    )
    _put(f"{urls.front_door}/_admin/api", api.model_dump_json(by_alias=True))


def set_web_acls(urls: Urls, home: Home) -> None:
    """Sets the web ACLs before the API and the user pool, as the guard stack has them."""
    template = json.loads(template_of(home, "guard").read_bytes())
    for server, acl in ((urls.front_door, API_ACL), (urls.cognito, SIGN_IN_ACL)):
        setting = Setting(name=f"{PREFIX}{acl}", template=template)
        _put(f"{server}/_admin/waf", setting.model_dump_json())


def put_composite_alarms(urls: Urls, home: Home, outputs: dict[str, str]) -> None:
    """Puts the composite alarms of the paging stack; those that others name come first."""
    template = json.loads(template_of(home, "paging").read_bytes())
    cloudwatch = aws.client("cloudwatch", urls.aws)
    alarms = [each["Properties"] for each in template["Resources"].values()]
    for alarm in sorted(alarms, key=lambda each: "AlarmActions" in each):
        # The template's own reference of the topic names the account by a pseudo parameter.
        actions = [outputs["OperationsTopicArn"]] if "AlarmActions" in alarm else []
        cloudwatch.put_composite_alarm(
            AlarmName=alarm["AlarmName"],
            AlarmDescription=alarm["AlarmDescription"],
            AlarmRule=alarm["AlarmRule"],
            AlarmActions=actions,
            OKActions=actions,
        )


def verify_sender(urls: Urls, outputs: dict[str, str]) -> None:
    """Verifies the shop's sender address in SES."""
    aws.client("ses", urls.aws).verify_email_identity(EmailAddress=outputs["SenderEmail"])


def open_operations_mailbox(urls: Urls, outputs: dict[str, str]) -> None:
    """Subscribes a queue to the operations topic, as staff subscribe by e-mail; once."""
    sqs = aws.client("sqs", urls.aws)
    queue = sqs.create_queue(QueueName=OPERATIONS_MAILBOX)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    aws.client("sns", urls.aws).subscribe(
        TopicArn=outputs["OperationsTopicArn"], Protocol="sqs", Endpoint=arn
    )


def set_app_client(urls: Urls, outputs: dict[str, str]) -> None:
    """Sets the app client's properties that the emulator drops in Cognito's proxy."""
    client_id = outputs["UserPoolClientId"]
    cloudformation = aws.client("cloudformation", urls.aws)
    stack = f"{Settings.for_stage(Stage.LOCAL, {}).prefix}-data"
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    name = next(
        each["LogicalResourceId"] for each in resources if each["PhysicalResourceId"] == client_id
    )
    template = cloudformation.get_template(StackName=stack)["TemplateBody"]
    properties = template["Resources"][name]["Properties"]
    _put(f"{urls.cognito}/_admin/clients/{client_id}", json.dumps(properties))


def create_customer(home: Home, urls: Urls, outputs: dict[str, str]) -> DemoCustomer:
    """Creates a customer with a password and an authenticator app.

    The tokens of the first sign-in are kept for the command line: Cognito accepts a code once, and
    the app shows the next one within 30 s.

    Raises:
        LocalStackError: if the sign-in fails.
    """
    cognito = aws.client("cognito-idp", urls.of("cognito-idp"))
    password = create_verified(cognito, outputs["UserPoolId"], _EMAIL)
    return enrol_customer(home, urls, outputs, password)


def enrol_customer(home: Home, urls: Urls, outputs: dict[str, str], password: str) -> DemoCustomer:
    """Signs the customer in for the first time and sets up an authenticator app.

    Raises:
        LocalStackError: if the sign-in fails.
    """
    pool = UserPool(REGION, outputs["UserPoolId"], outputs["UserPoolClientId"], urls.cognito)
    try:
        totp_secret, tokens = enrol(pool, _EMAIL, password)
    except SignInError as error:
        raise LocalStackError(f"The demo customer can't sign in: {error}") from error
    tokens.save(home.tokens)
    return DemoCustomer(email=_EMAIL, password=password, totp_secret=totp_secret)


def _put(url: str, body: str) -> None:
    response = httpx.put(url, content=body, timeout=10, trust_env=False)
    if response.is_error:
        raise LocalStackError(f"{url} answered {response.status_code}: {response.text}")
