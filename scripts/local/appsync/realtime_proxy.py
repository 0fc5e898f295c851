"""Authorizes connections and subscriptions of the front door's WebSockets."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from graphql import FieldNode, GraphQLError, get_argument_values, get_variable_values
from starlette.datastructures import Headers

from scripts.local.appsync.api import Api
from scripts.local.appsync.emulator_api import Answer
from scripts.local.appsync.field_rules import FieldRules
from scripts.local.appsync.graphql_request import GraphqlRequest, InvalidQueryError, RefusedError
from scripts.local.appsync.realtime import Deliver
from scripts.local.appsync.resolver_runner import ResolverError, ResolverRunner
from scripts.local.appsync.subscriptions import Subscription
from scripts.local.appsync.tokens import Caller

CONNECT_PATH = "/graphql/connect"
"""The path that a connection's signature covers, instead of that of the WebSocket."""

#: Authenticates the caller, or raises RefusedError.
Identify = Callable[[Headers], Awaitable[Caller]]

#: Sends a body with the caller's headers to the emulator: to the API, or to another path.
Forward = Callable[..., Awaitable[Answer]]


class RealtimeProxy:
    """Authorizes connections and subscriptions to one API."""

    def __init__(
        self,
        api: Api,
        rules: FieldRules,
        identify: Identify,
        forward: Forward,
        resolvers: ResolverRunner,
    ) -> None:
        self._code = api.subscription_code
        self._rules = rules
        self._identify = identify
        self._forward = forward
        self._resolvers = resolvers

    async def connect(self, headers: Headers, body: bytes) -> None:
        """Authenticates the caller of a connection; the emulator verifies signatures.

        Raises:
            RefusedError: if the caller is not authenticated.
        """
        caller = await self._identify(headers)
        if caller.iam:
            answer = await self._forward(headers, body, CONNECT_PATH)
            # The emulator has no such path: it answers 404 if and only if the signature is valid.
            if answer.status_code != HTTPStatus.NOT_FOUND:
                raise _refused_by_emulator(answer)

    async def subscribe(self, headers: Headers, data: bytes, deliver: Deliver) -> Subscription:
        """Checks a subscription: its caller, its form, its field's rules and its resolver.

        Raises:
            RefusedError: if the caller is not authorized.
            InvalidQueryError: if it is invalid for the schema.
        """
        caller = await self._identify(headers)
        request = GraphqlRequest.read(data, self._rules.schema, subscription=True)
        name, arguments = self._field(request)
        if not self._rules.allows(caller, "Subscription", name):
            raise RefusedError.field_unauthorized("Subscription", name)
        if caller.iam:
            await self._verify_signed(headers, data)
        return Subscription(
            request=request,
            caller=caller,
            rules=self._rules,
            field=name,
            mutations=self._rules.mutations_of(name),
            arguments=arguments,
            filter=await self._filter(name, arguments, caller),
            deliver=deliver,
        )

    def _field(self, request: GraphqlRequest) -> tuple[str, dict[str, Any]]:
        """The subscription's only field, and its arguments."""
        schema = self._rules.schema
        (node,) = request.operation.selection_set.selections
        assert schema.subscription_type is not None  # nosec B101 # the query is valid
        if not isinstance(node, FieldNode):
            raise RefusedError.malformed("Subscriptions have to name their field directly.")
        variables = get_variable_values(
            schema, request.operation.variable_definitions, request.variables
        )
        if isinstance(variables, list):
            raise InvalidQueryError(variables)
        try:
            field = schema.subscription_type.fields[node.name.value]
            return node.name.value, get_argument_values(field, node, variables)
        except GraphQLError as error:
            raise InvalidQueryError([error]) from error

    async def _verify_signed(self, headers: Headers, data: bytes) -> None:
        """Lets the emulator verify the signature and the principal's permission for the field."""
        answer = await self._forward(headers, data)
        if not answer.is_success:
            raise _refused_by_emulator(answer)
        for error in answer.json().get("errors", ()):
            raise RefusedError(HTTPStatus.OK, error.get("errorType", "Error"), error["message"])

    async def _filter(
        self, name: str, arguments: Mapping[str, Any], caller: Caller
    ) -> Mapping[str, Any] | None:
        """The filter that the field's resolver sets; None without a filter or a resolver."""
        code = self._code.get(name)
        if code is None:
            return None
        context = {
            "arguments": arguments,
            "args": arguments,
            "identity": caller.identity,
            "info": {"fieldName": name, "parentTypeName": "Subscription"},
            "request": {"headers": {}},
            "stash": {},
        }
        try:
            return await asyncio.to_thread(self._resolvers.subscribe, code, context)
        except ResolverError as error:
            raise RefusedError(HTTPStatus.OK, error.error_type, str(error)) from error


def _refused_by_emulator(answer: Answer) -> RefusedError:
    """The emulator's refusal; its services have several shapes for errors."""
    try:
        body = answer.json()
        error = body["errors"][0] if "errors" in body else body
        kind, text = error.get("errorType") or error.get("__type"), error.get("message")
    except (ValueError, LookupError, AttributeError):
        kind = text = None
    return RefusedError(
        HTTPStatus(answer.status_code),
        str(kind or "UnauthorizedException"),
        str(text or "You are not authorized to make this call."),
    )
