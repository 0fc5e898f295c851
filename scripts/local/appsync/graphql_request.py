"""Parses and validates GraphQL requests, and refuses invalid ones as AppSync does.

Errors: https://docs.aws.amazon.com/appsync/latest/devguide/troubleshooting-and-common-mistakes.html
"""

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, Self

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    separate_operations,
    validate,
)
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from scripts.local.appsync.field_rules import locations

MAX_BODY_BYTES: Final = 1_000_000


class RefusedError(Exception):
    """The whole request is refused: an HTTP error status with one GraphQL error."""

    def __init__(self, status: HTTPStatus, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self._error_type = error_type

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The refusal as GraphQL's list of errors."""
        return [{"errorType": self._error_type, "message": str(self)}]

    @classmethod
    def unauthorized(cls, message: str) -> Self:
        """The caller is not authenticated."""
        return cls(HTTPStatus.UNAUTHORIZED, "UnauthorizedException", message)

    @classmethod
    def field_unauthorized(cls, type_name: str, field_name: str) -> Self:
        """The caller may not read the only field of the request."""
        message = f"Not Authorized to access {field_name} on type {type_name}"
        return cls(HTTPStatus.OK, "Unauthorized", message)

    @classmethod
    def malformed(cls, message: str) -> Self:
        """The body is not a GraphQL request."""
        return cls(HTTPStatus.BAD_REQUEST, "MalformedHttpRequestException", message)

    @classmethod
    def blocked(cls) -> Self:
        """The web ACL blocks the request."""
        return cls(HTTPStatus.FORBIDDEN, "WAFForbiddenException", "403 Forbidden")

    @classmethod
    def unavailable(cls, message: str) -> Self:
        """The API does not answer."""
        return cls(HTTPStatus.SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)

    def response(self) -> Response:
        """The refusal as AppSync sends it."""
        headers = {"x-amzn-errortype": self._error_type}
        return JSONResponse({"errors": self.errors}, self.status, headers)


class InvalidQueryError(Exception):
    """The query is invalid for the schema; AppSync answers with status 200."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self._errors = errors

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The refusal as GraphQL's list of errors."""
        return [
            {
                "path": None,
                "locations": locations(one),
                "message": f"Validation error: {one.message}",
            }
            for one in self._errors
        ]

    def response(self) -> Response:
        """The refusal as AppSync sends it."""
        return JSONResponse({"data": None, "errors": self.errors})


class _Body(BaseModel):
    query: str = Field(min_length=1)
    variables: dict[str, Any] | None = None
    operation_name: str | None = Field(default=None, alias="operationName")


@dataclass(frozen=True)
class GraphqlRequest:
    """One operation that is valid for the schema, with the fragments that it uses."""

    document: DocumentNode
    variables: dict[str, Any]

    @classmethod
    def read(cls, body: bytes, schema: GraphQLSchema, *, subscription: bool = False) -> Self:
        """Parses an HTTP body, or the data of a WebSocket's ``start`` message.

        Args:
            subscription: whether the operation has to be a subscription; else it must not be one.

        Raises:
            RefusedError: if it is not a GraphQL request, or an operation of the other kind.
            InvalidQueryError: if the query is invalid for the schema.
        """
        try:
            request = _Body.model_validate_json(body)
            operation = _operation(
                request.query, schema, request.operation_name, subscription=subscription
            )
        except ValidationError as error:
            raise RefusedError.malformed("Invalid JSON payload in POST request.") from error
        except (GraphQLError, RecursionError) as error:
            raise RefusedError.malformed("Unable to parse GraphQL query.") from error
        return cls(operation, request.variables or {})

    @property
    def operation(self) -> OperationDefinitionNode:
        """The one operation."""
        operation = get_operation_ast(self.document)
        assert operation is not None  # nosec B101 # read() has checked it
        return operation


@lru_cache(maxsize=64)
def _operation(
    query: str, schema: GraphQLSchema, name: str | None, *, subscription: bool
) -> DocumentNode:
    """The query's operation of this name, parsed and validated, with its fragments alone.

    Cached, because apps send the same few queries repeatedly.

    Raises:
        GraphQLError: if the query can't be parsed.
        InvalidQueryError: if it is invalid for the schema.
        RefusedError: if it has no such operation, or one of the other kind.
    """
    document = parse(query)
    if errors := validate(schema, document):
        raise InvalidQueryError(errors)
    operation = get_operation_ast(document, name)
    if operation is None:
        raise RefusedError.malformed(
            f"Unknown operation named '{name}'." if name else "Must provide an operation name."
        )
    if (operation.operation is OperationType.SUBSCRIPTION) is not subscription:
        raise _wrong_channel(operation.operation)
    return separate_operations(document)[operation.name.value if operation.name else ""]


def _wrong_channel(operation: OperationType) -> RefusedError:
    if operation is OperationType.SUBSCRIPTION:
        return RefusedError.malformed("Subscriptions are served over a WebSocket only.")
    return RefusedError(
        HTTPStatus.BAD_REQUEST,
        "UnsupportedOperation",
        f"{operation.value} not supported through the realtime channel",
    )


async def read_body(request: Request) -> bytes:
    """The request's body; of one that is longer than AppSync's limit, a part that is so too."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            break
    return bytes(body)


def check_length(body: bytes) -> None:
    """Checks AppSync's limit.

    Raises:
        RefusedError: the body is longer.
    """
    if len(body) > MAX_BODY_BYTES:
        raise RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "RequestEntityTooLargeException",
            f"The request is longer than {MAX_BODY_BYTES:,} bytes.",
        )
