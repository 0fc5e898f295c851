"""The deployed shop for integration tests: customers, PayStack and operations."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import re
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx
import jwt
from pydantic import BaseModel

from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.state import BreakerItem
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.clock import epoch_ms
from orderflow.errors import OrderNotFoundError
from orderflow.orders.cancellation import cancel
from orderflow.orders.model import Order
from orderflow.orders.submission_limits import SubmissionLimit
from orderflow.recovery.settings import RecoverySettings
from scripts.auth import Tokens, UserPool, enrol, sign_in
from scripts.cli.deployment import connect
from scripts.cli.orders.api import GET_ORDER, SUBMIT
from scripts.cli.orders.execution import Progress, read_progress
from scripts.local.stack import aws
from scripts.local.stack.state import Home, LocalState
from tests.support.http import http
from tests.support.waiting import wait_for

SUBMIT_ATTEMPTS = 12

#: The start of CloudWatch's messages about alarms.
_PAGE = '{"AlarmName"'


class Customer:
    """A GraphQL client with a token, valid or not."""

    def __init__(
        self, graphql_url: str, token: str | None, email: str, access_token: str = ""
    ) -> None:
        self._url = graphql_url
        self._token = token
        self.email = email
        self.access_token = access_token

    @property
    def token(self) -> str:
        """The ID token; fails without one."""
        assert self._token is not None
        return self._token

    @property
    def sub(self) -> str:
        """The customer's id in the API (the token's ``sub``)."""
        claims = jwt.decode(self.token, options={"verify_signature": False})
        return str(claims["sub"])

    def with_access_token(self) -> Customer:
        """The same customer, sending the access token, as Amplify does."""
        return Customer(self._url, self.access_token, self.email, self.access_token)

    def post(self, query: str, variables: dict[str, Any]) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = self._token
        body = json.dumps({"query": query, "variables": variables})  # encodes lone surrogates too
        return http.post(self._url, content=body, headers=headers)

    def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        answer = self.post(query, variables).json()
        assert "errors" not in answer, answer
        result: dict[str, Any] = next(iter(answer["data"].values()))
        return result

    def submit(self, grocery_list: str, **fields: Any) -> dict[str, Any]:
        content = {"customerEmail": self.email, "groceryList": grocery_list, **fields}
        return self.ask(SUBMIT, {"input": content})

    def insist(self, grocery_list: str, **more: Any) -> str:
        """Submits; sends a failed submission again with the same idempotency key, as apps do."""
        fields = {
            "customerEmail": self.email,
            "groceryList": grocery_list,
            "idempotencyKey": uuid.uuid4().hex,
            **more,
        }
        answer: dict[str, Any] = {}
        for attempt in range(SUBMIT_ATTEMPTS):
            answer = self.post(SUBMIT, {"input": fields}).json()
            if "errors" not in answer:
                return str(answer["data"]["submitGroceryList"]["orderId"])
            time.sleep(random.uniform(0, min(2**attempt, 10)))
        raise AssertionError(f"not accepted: {answer}")

    def order(self, order_id: str) -> dict[str, Any]:
        return self.ask(GET_ORDER, {"orderId": order_id})

    def refusal(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The first error of a request that must fail."""
        answer = self.post(query, variables).json()
        assert not any((answer.get("data") or {}).values()), answer
        error: dict[str, Any] = answer["errors"][0]
        return error


@dataclass(frozen=True)
class Account:
    """The credentials of an account."""

    email: str
    password: str


class Shop:
    """The deployed stack."""

    def __init__(self, state: LocalState) -> None:
        self.follow(state)
        self.customer = self._signed_in(
            state.customer.email, state.customer.password, state.customer.totp_secret
        )

    def follow(self, state: LocalState) -> None:
        """Uses what a stack is after a deployment."""
        self.state = state
        self.deployment = connect("local")
        self.orders = self.deployment.orders
        self.sfn = self.deployment.client("stepfunctions")
        self.sqs = self.deployment.client("sqs")
        dynamodb = aws.resource("dynamodb", state.urls.aws)
        self._breakers_table = dynamodb.Table(state.outputs["BreakersTable"])
        self.breakers = DynamoBreakerStore(self._breakers_table)
        self._submissions = dynamodb.Table(state.outputs["SubmissionsTable"])

    # --- customers ---

    def new_customer(self, *groups: str, is_verified: bool = True) -> Customer:
        """Creates a customer with an authenticator app, in these groups of the pool."""
        account = self.new_account(*groups, is_verified=is_verified)
        tokens = enrol(self._pool, account.email, account.password)[1]
        return self._client(account.email, tokens)

    def new_account(self, *groups: str, is_verified: bool = True) -> Account:
        """Creates an account that has not signed in yet."""
        email = f"{uuid.uuid4().hex[:10]}@example.com"
        password = secrets.token_urlsafe(18) + "-aA1"
        cognito = self.deployment.client("cognito-idp")
        pool = self.state.outputs["UserPoolId"]
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": str(is_verified).lower()},
            ],
        )
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=password, Permanent=True
        )
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        return Account(email, password)

    def verify_email(self, customer: Customer) -> None:
        """Verifies the e-mail address of a customer's account."""
        self.deployment.client("cognito-idp").admin_update_user_attributes(
            UserPoolId=self.state.outputs["UserPoolId"],
            Username=customer.email,
            UserAttributes=[{"Name": "email_verified", "Value": "true"}],
        )

    @property
    def submission_limit(self) -> SubmissionLimit:
        """How many lists a customer may send."""
        name = self.state.outputs["SubmissionsParameter"]
        parameter = self.deployment.client("ssm").get_parameter(Name=name)["Parameter"]
        return SubmissionLimit.model_validate_json(parameter["Value"])

    def leave(self, customer: Customer, lists: int) -> None:
        """Lets a customer send so many more lists, until half of a refill's time has passed."""
        rate = self.submission_limit.rate
        last = rate.latest(epoch_ms()) - lists * rate.interval_ms + rate.interval_ms // 2
        self._submissions.put_item(Item={"customerId": customer.sub, "submittedAt": last})

    @contextmanager
    def nothing_left(self, customer: Customer) -> Iterator[None]:
        """For this block the customer has sent as many lists as the limit allows, then none."""
        self.leave(customer, 0)
        yield
        self._submissions.delete_item(Key={"customerId": customer.sub})

    def stranger(self, token: str | None) -> Customer:
        """A client without a token or with an invalid one."""
        return Customer(self.state.urls.graphql, token, "stranger@example.com")

    @property
    def _pool(self) -> UserPool:
        return self.deployment.user_pool

    def _signed_in(self, email: str, password: str, totp_secret: str) -> Customer:
        cached = Tokens.load(Home().tokens)
        tokens = cached or sign_in(self._pool, email, password, totp_secret)
        return self._client(email, tokens)

    def _client(self, email: str, tokens: Tokens) -> Customer:
        return Customer(self.state.urls.graphql, tokens.id_token, email, tokens.access_token)

    # --- orders and executions ---

    def place(self, grocery_list: str, until: str, **fields: Any) -> Order:
        """Submit a list as the demo customer and wait for a status."""
        return self.reach(self.customer.submit(grocery_list, **fields)["orderId"], until)

    def reach(self, order_id: str, status: str) -> Order:
        """Wait until the order has this status."""
        wait_for(lambda: self._status(order_id), lambda seen: seen == status)
        return self.orders.get(order_id)

    def matched(self, order_id: str) -> Order:
        """Waits until the order's lines are matched."""
        before = {None, "PENDING_MATCHING"}
        wait_for(lambda: self._status(order_id), lambda seen: seen not in before)
        return self.orders.get(order_id)

    @contextmanager
    def redefined(self, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
        """Leads new orders to a changed definition, as a deployment does; afterwards back."""
        arn, live = self.state.outputs["StateMachineArn"], self.state.outputs["LiveStateMachineArn"]
        alias = self.sfn.describe_state_machine_alias(stateMachineAliasArn=live)
        good = self.sfn.describe_state_machine(stateMachineArn=arn)["definition"]
        definition: dict[str, Any] = json.loads(good)
        change(definition)
        self.sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))
        version = self.sfn.publish_state_machine_version(stateMachineArn=arn)
        self.sfn.update_state_machine_alias(
            stateMachineAliasArn=live,
            routingConfiguration=[
                {"stateMachineVersionArn": version["stateMachineVersionArn"], "weight": 100}
            ],
        )
        try:
            yield
        finally:
            self.sfn.update_state_machine(stateMachineArn=arn, definition=good)
            self.sfn.update_state_machine_alias(
                stateMachineAliasArn=live, routingConfiguration=alias["routingConfiguration"]
            )

    def awaiting_payment(self, grocery_list: str) -> Order:
        """A new order whose execution waits for its payment."""
        return self.awaiting(self.customer.submit(grocery_list)["orderId"])

    def awaiting(self, order_id: str) -> Order:
        """The order, once its execution waits for its payment."""
        self.reach(order_id, "PAYMENT_INITIATED")
        wait_for(lambda: self.orders.get(order_id).task_token, bool)
        return self.orders.get(order_id)

    def _status(self, order_id: str) -> str | None:
        try:
            return self.orders.get(order_id).status
        except OrderNotFoundError:
            return None

    def progress(self, order: Order) -> Progress:
        assert order.execution_arn is not None
        progress = read_progress(self.sfn, order.execution_arn)
        assert progress is not None
        return progress

    def finished(self, order: Order) -> Progress:
        """Wait for the end of the order's execution."""
        found: Progress = wait_for(lambda: self.progress(order), lambda seen: seen.is_over)
        return found

    def cancel(self, order_id: str) -> Order:
        """Cancels the order as `orders cancel` does, and waits until PayStack was asked."""
        cancel(order_id, self.orders, self.sfn, "Changed my mind.")
        return self.reach(order_id, "CANCELLED")

    def executions(self) -> set[str]:
        """The names of all executions."""
        arn = self.state.outputs["StateMachineArn"]
        pages = self.sfn.get_paginator("list_executions").paginate(stateMachineArn=arn)
        return {each["name"] for page in pages for each in page["executions"]}

    def end_link(self, order: Order) -> None:
        """Makes the time of the order's link be over."""
        self.orders._table.update_item(
            Key={"orderId": order.order_id},
            UpdateExpression="SET paymentLinkExpiresAt = :past",
            ExpressionAttributeValues={":past": "2026-01-31T12:00:00.000Z"},
        )

    # --- PayStack ---

    def set_fault(self, provider: str, **fault: Any) -> None:
        url = f"{getattr(self.state.urls, provider)}/_admin/faults"
        httpx.put(url, json=fault, trust_env=False).raise_for_status()

    def clear_faults(self) -> None:
        for provider in ("paystack", "bedrock", "dynamodb"):
            url = f"{getattr(self.state.urls, provider)}/_admin/faults"
            http.delete(url).raise_for_status()

    def calls(self, provider: str) -> int:
        url = f"{getattr(self.state.urls, provider)}/_admin/stats"
        return int(http.get(url).json()["calls"])

    def transactions(self) -> dict[str, dict[str, Any]]:
        """PayStack's transactions by reference."""
        url = f"{self.state.urls.paystack}/_admin/transactions"
        books = http.get(url).json()
        return {each["reference"]: each for each in books["transactions"]}

    def pay(self, order: Order) -> str:
        """Pay at the checkout, without going back to the shop; the address to go back to."""
        assert order.payment_link is not None
        answer = http.post(order.payment_link)
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
        return answer.headers["location"]

    def decline(self, order: Order) -> None:
        """Decline at the checkout."""
        assert order.payment_link is not None
        http.post(f"{order.payment_link}/decline")

    def pay_silently(self, order: Order) -> None:
        """Pay without a webhook."""
        url = f"{self.state.urls.paystack}/_admin/transactions/{order.payment_reference}/pay"
        http.post(url).raise_for_status()

    def come_back(self, order: Order) -> httpx.Response:
        """Go back to the shop, as PayStack's checkout has customers do who have paid."""
        address = self.state.urls.local_function_url(self.state.outputs["ReturnUrl"])
        reference = order.payment_reference
        return http.get(address, params={"trxref": reference, "reference": reference})

    def act(self, order: Order, name: str, **options: Any) -> dict[str, Any]:
        """What banks, staff and time do at PayStack; its record of the payment."""
        path = f"transactions/{order.payment_reference}/{name}"
        answer = http.post(f"{self.state.urls.paystack}/_admin/{path}", json=options)
        answer.raise_for_status()
        record: dict[str, Any] = answer.json()
        return record

    def announce(self, order: Order, after: timedelta = timedelta(0)) -> None:
        """Send the webhook of a payment, after so long in PayStack's time."""
        url = f"{self.state.urls.paystack}/_admin/transactions/{order.payment_reference}/announce"
        http.post(url, json={"afterSeconds": after.total_seconds()}).raise_for_status()

    def refunds(self) -> list[dict[str, Any]]:
        """All refunds, as PayStack lists them for the merchant."""
        url, key = f"{self.state.urls.paystack}/refund", self.state.paystack_secret_key
        found: list[dict[str, Any]] = []
        page, pages = 0, 1
        while page < pages:
            page += 1
            answer = http.get(
                url,
                params={"perPage": 100, "page": page},
                headers={"Authorization": f"Bearer {key}"},
            ).json()
            found += answer["data"]
            pages = answer["meta"]["pageCount"]
        return found

    def charge(self, order: Order, **changes: Any) -> dict[str, Any]:
        """A charge.success event for the order's payment."""
        return {
            "event": "charge.success",
            "data": {
                "reference": order.payment_reference,
                "amount": order.total_kobo,
                "currency": order.currency,
                "status": "success",
                "channel": "card",
                "paid_at": "2026-01-31T12:00:00.000Z",
                **changes,
            },
        }

    def deliver(self, event: Any, signature: str | None = "") -> httpx.Response:
        """Call the webhook, signed as by PayStack unless a signature (or None) is given."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        key = self.state.paystack_secret_key.encode()
        signed = hmac.new(key, body, hashlib.sha512).hexdigest() if signature == "" else signature
        headers = {"x-paystack-signature": signed} if signed is not None else {}
        url = self.state.urls.local_function_url(self.state.outputs["WebhookUrl"])
        return http.post(url, content=body, headers=headers)

    # --- circuit breakers ---

    def breaker(self, provider: str) -> BreakerItem:
        return self.breakers.read(provider)

    def close_breaker(self, provider: str) -> None:
        """Closes a breaker in any state, as a successful probe does."""
        self._breakers_table.update_item(
            Key={"provider": provider},
            UpdateExpression="SET #state = :CLOSED, epoch = if_not_exists(epoch, :zero) + :one, "
            "failures = :zero, #mode = :AUTO, opens = if_not_exists(opens, :zero) "
            "REMOVE probeId, probeUntil, closedAt",
            ExpressionAttributeNames={"#state": "state", "#mode": "mode"},
            ExpressionAttributeValues={":CLOSED": "CLOSED", ":AUTO": "AUTO", ":zero": 0, ":one": 1},
        )

    def set_policy(self, provider: str, **policy: Any) -> None:
        """Sets a breaker's policy; warm functions read it within a minute."""
        self._put_parameter(
            f"{self.state.outputs['BreakerParameterPrefix']}{provider}",
            BreakerPolicy.model_validate(policy),
        )

    def set_recovery(self, **settings: Any) -> None:
        """Sets the recovery's settings; warm functions read them within a minute."""
        name = self.state.outputs["RecoveryParameter"]
        self._put_parameter(name, RecoverySettings.model_validate(settings))

    def _put_parameter(self, name: str, content: BaseModel) -> None:
        self.deployment.client("ssm").put_parameter(
            Name=name, Value=content.model_dump_json(by_alias=True), Type="String", Overwrite=True
        )

    def reconcile(self) -> None:
        """Runs the reconciler as its schedule does: it measures what waits, too."""
        answer = self.deployment.client("lambda").invoke(
            FunctionName="grocery-local-reconcile-orders:live", Payload="{}"
        )
        assert "FunctionError" not in answer

    def stop_reconciling(self) -> None:
        """Switches the reconciler's schedule off."""
        events = self.deployment.client("events")
        for rule in events.list_rules()["Rules"]:
            if rule.get("ScheduleExpression"):
                events.disable_rule(Name=rule["Name"])

    # --- e-mail, alerts, the queue ---

    def emails(self, order_id: str) -> list[dict[str, Any]]:
        """The messages that mention an order."""
        return [message for message in self.all_emails() if order_id in json.dumps(message)]

    def code_sent_to(self, email: str, number: int = 1) -> str:
        """The code in the so many-th message to an address."""
        sent = wait_for(
            lambda: [each for each in self.all_emails() if email in json.dumps(each)],
            lambda messages: len(messages) >= number,
        )
        found = re.search(r"\b\d{6}\b", json.dumps(sent[number - 1]["BodyText"]))
        assert found is not None, sent
        return found[0]

    def all_emails(self) -> list[dict[str, Any]]:
        """Every message that was sent."""
        answer = http.get(f"{self.state.urls.aws}/_ministack/ses/messages").json()
        return [message for messages in _leaves(answer["messages"]) for message in messages]

    def alerts(self) -> Callable[[], list[str]]:
        """Subscribe to the operations topic; the result reads the functions' alerts since then."""
        read = self._operations_mailbox()
        return lambda: [each for each in read() if not each.startswith(_PAGE)]

    def pages(self) -> Callable[[], list[dict[str, Any]]]:
        """Subscribe to the operations topic; the result reads the alarms' pages since then."""
        read = self._operations_mailbox()
        return lambda: [json.loads(each) for each in read() if each.startswith(_PAGE)]

    def _operations_mailbox(self) -> Callable[[], list[str]]:
        url = self.sqs.create_queue(QueueName=f"alerts-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = answer["Attributes"]["QueueArn"]
        may_deliver = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [may_deliver]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.deployment.client("sns").subscribe(
            TopicArn=self.state.outputs["OperationsTopicArn"], Protocol="sqs", Endpoint=arn
        )

        def read() -> list[str]:
            answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            messages = answer.get("Messages", [])
            for each in messages:  # or it would come again after half a minute
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            return [json.loads(each["Body"])["Message"] for each in messages]

        return read

    def alarm_state(self, name: str) -> str:
        """The state of an alarm, by its name without the stage's prefix."""
        names = [f"grocery-local-{name}"]
        found = self.deployment.client("cloudwatch").describe_alarms(
            AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        (alarm,) = [*found["MetricAlarms"], *found["CompositeAlarms"]]
        return str(alarm["StateValue"])

    def silence_alarms(self) -> None:
        """Turns all alarms off; those whose metrics go on begin again."""
        cloudwatch = self.deployment.client("cloudwatch")
        for page in cloudwatch.get_paginator("describe_alarms").paginate(StateValue="ALARM"):
            for alarm in page["MetricAlarms"]:
                cloudwatch.set_alarm_state(
                    AlarmName=alarm["AlarmName"], StateValue="OK", StateReason="A test begins."
                )

    def alarm_clocks(self) -> list[dict[str, Any]]:
        """The messages in the queue of parked orders, delayed ones too."""
        answer = http.get(f"{self.state.urls.aws}/_ministack/sqs/messages").json()
        name = self.state.outputs["ParkedOrdersQueueUrl"].rpartition("/")[2]
        queues = [
            messages
            for regions in answer["messages"].values()
            for queues in regions.values()
            for url, messages in queues.items()
            if url.rpartition("/")[2] == name
        ]
        return [json.loads(message["Body"]) for queue in queues for message in queue]

    def clocks_of(self, order: Order) -> list[dict[str, Any]]:
        """The messages of this order."""
        return [each for each in self.alarm_clocks() if each.get("orderId") == order.order_id]


def _leaves(value: Any) -> list[list[dict[str, Any]]]:
    if isinstance(value, list):
        return [value]
    return [leaf for each in value.values() for leaf in _leaves(each)]
