"""The API and the webhook in this process: the front door, AppSync's resolvers, and the functions.

What stands in for AppSync behind the front door executes the deployed schema, and runs the API's
own JavaScript and handlers; AWS is moto.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs

import httpx
import jwt
from aws_lambda_powertools.utilities.typing import LambdaContext
from cryptography.hazmat.primitives import serialization
from graphql import GraphQLError, GraphQLResolveInfo, graphql_sync
from starlette.testclient import TestClient

from api.handler import lambda_handler as customers_handler
from operations_api.handler import lambda_handler as operations_handler
from orderflow.clock import epoch_ms
from orderflow.orders.store import OrderStore
from orderflow.orders.submission_limits import SubmissionLimit
from orderflow.platform import aws
from payment_return.handler import lambda_handler as return_handler
from payment_webhook.handler import lambda_handler as webhook_handler
from scripts.local.appsync.field_rules import FieldRules
from scripts.local.appsync.resolver_runner import ResolverError, ResolverRunner
from scripts.local.appsync.tokens import Caller
from tests.support.appsync_scene import HOST, KEYS, Emulator, token
from tests.support.attempts.attempt import (
    Answer,
    Channel,
    Facts,
    Request,
    read_frame,
    read_graphql,
    read_return,
    read_webhook,
    unnoted,
)
from tests.support.events import load_event
from tests.support.paths import FUNCTIONS, SCHEMA

ATTACKER = "11111111-2222-4333-8444-555555555555"
ATTACKER_EMAIL = "eve@mail.example"
RESOLVERS = FUNCTIONS / "api" / "resolvers"

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]
HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(
        ("submitGroceryList", "cancelOrder", "rateOrder", "getOrder", "myOrders", "getPaymentLink"),
        customers_handler,
    ),
    **dict.fromkeys(("orders", "replayOrder"), operations_handler),
}


def issue(**changes: Any) -> str:
    """A token of the pool, by default the attacker's, with its claims changed."""
    own = {"sub": ATTACKER, "cognito:username": ATTACKER, "email": ATTACKER_EMAIL}
    return token(**{**own, "email_verified": True, "groups": (), **changes})


class Api(Emulator):
    """The API behind the front door: the deployed schema, its resolvers and functions."""

    def __init__(self, resolvers: ResolverRunner, context: LambdaContext) -> None:
        super().__init__("type Query { a: Int }", {})
        self._schema = FieldRules(SCHEMA.read_text()).schema
        self._resolvers = resolvers
        self._context = context
        self._code = (RESOLVERS / "lambda_resolver.js").read_text()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Runs the operation's fields by their functions."""
        claims = jwt.decode(
            request.headers["authorization"].removeprefix("Bearer ").strip(),
            options={"verify_signature": False},
        )
        caller = Caller(groups=frozenset(claims.get("cognito:groups") or ()), claims=claims)
        body = json.loads(request.content)
        result = graphql_sync(
            self._schema,
            body["query"],
            {field: self._resolver(handler, caller) for field, handler in HANDLERS.items()},
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
        )
        errors = [
            {"message": error.message, **(error.extensions or {})} for error in result.errors or ()
        ]
        return httpx.Response(
            200, json={"data": result.data, **({"errors": errors} if errors else {})}
        )

    def _resolver(self, handler: Handler, caller: Caller) -> Callable[..., Any]:
        def resolve(info: GraphQLResolveInfo, **arguments: Any) -> Any:
            context = {
                "arguments": arguments,
                "identity": caller.identity,
                "info": {"fieldName": info.field_name, "parentTypeName": info.parent_type.name},
                "request": {"headers": {}},
                "source": None,
                "stash": {},
            }
            event = self._resolvers.run(self._code, "request", context)["payload"]
            try:
                result = handler(event, self._context)
            except Exception as error:
                context["error"] = {"type": type(error).__name__, "message": str(error)}
                result = None
            try:
                return self._resolvers.run(self._code, "response", {**context, "result": result})
            except ResolverError as refusal:
                raise GraphQLError(
                    str(refusal), extensions={"errorType": refusal.error_type}
                ) from refusal

        return resolve


@dataclass(frozen=True)
class MemoryScene:
    """See :class:`~tests.support.attempts.attempt.Scene`."""

    facts: Facts
    door: TestClient
    store: OrderStore
    state_machine_arn: str
    context: LambdaContext
    sent_emails: Callable[[], int]
    shop_page: str

    def send(self, request: Request) -> Answer:
        """See :meth:`Scene.send`."""
        match request.channel:
            case Channel.GRAPHQL:
                answer = self.door.request(
                    request.method,
                    request.path,
                    content=request.content,
                    headers=request.headers,
                    follow_redirects=False,
                )
                return read_graphql(answer.status_code, answer.text)
            case Channel.SOCKET:
                return self._start(request)
            case Channel.WEBHOOK:
                answered = webhook_handler(_function_url_event(request), self.context)
                return read_webhook(answered["statusCode"], answered["body"])
            case Channel.RETURN:
                answered = return_handler(_function_url_event(request), self.context)
                return read_return(answered["statusCode"], answered["headers"], "", self.shop_page)

    def _start(self, request: Request) -> Answer:
        header = base64.b64encode(json.dumps({"host": HOST, **request.headers}).encode()).decode()
        with self.door.websocket_connect(
            "/graphql", params={"header": header, "payload": "e30="}, subprotocols=["graphql-ws"]
        ) as socket:
            socket.send_text(request.content.decode())
            return read_frame(socket.receive_json())

    def use_up_the_limit(self) -> None:
        """See :meth:`Scene.use_up_the_limit`."""
        rate = SubmissionLimit().rate
        last = rate.latest(epoch_ms()) + rate.interval_ms // 2
        aws.table("submissions").put_item(
            Item={"customerId": self.facts.attacker_sub, "submittedAt": last}
        )

    def effects(self) -> Any:
        """See :meth:`Scene.effects`."""
        executions = aws.step_functions().list_executions(stateMachineArn=self.state_machine_arn)
        return (
            unnoted(self.store.get(self.facts.order).model_dump()),
            len(executions["executions"]),
            self.sent_emails(),
        )


def public_key() -> bytes:
    """The pool's public key (PEM)."""
    return (
        KEYS["ours"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def _function_url_event(request: Request) -> Any:
    event = load_event("function_url_webhook")
    event["headers"] = {**event["headers"], **request.headers}
    event["requestContext"]["http"]["method"] = request.method
    event["requestContext"]["requestId"] = str(uuid.uuid4())
    path, _, query = request.path.partition("?")
    event["rawPath"], event["rawQueryString"] = path, query
    # A function URL joins the values of one name.
    event["queryStringParameters"] = {
        name: ",".join(values) for name, values in parse_qs(query, keep_blank_values=True).items()
    }
    event["body"] = base64.b64encode(request.content).decode()
    event["isBase64Encoded"] = True
    return cast(Any, event)
