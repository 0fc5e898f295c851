"""What a GraphQL request over HTTP has to look like, and how AppSync refuses what does not.

Errors: https://docs.aws.amazon.com/appsync/latest/devguide/troubleshooting-and-common-mistakes.html
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    get_operation_ast,
    parse,
    separate_operations,
    validate,
)
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from scripts.local.field_rules import locations

MAX_BODY_BYTES: Final = 1_000_000


class RefusedError(Exception):
    """The whole request is refused: an HTTP error status with one GraphQL error."""

    def __init__(self, status: HTTPStatus, error_type: str, message: str) -> None:
        super().__init__(message)
        self._status = status
        self._error_type = error_type

    @classmethod
    def unauthorized(cls, message: str) -> Self:
        """The caller is nobody that the API knows."""
        return cls(HTTPStatus.UNAUTHORIZED, "UnauthorizedException", message)

    @classmethod
    def malformed(cls, message: str) -> Self:
        """The body is not a GraphQL request."""
        return cls(HTTPStatus.BAD_REQUEST, "MalformedHttpRequestException", message)

    @classmethod
    def unavailable(cls, message: str) -> Self:
        """Nothing behind the door answers."""
        return cls(HTTPStatus.SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)

    def response(self) -> Response:
        """The refusal as AppSync sends it."""
        body = {"errors": [{"errorType": self._error_type, "message": str(self)}]}
        return JSONResponse(body, self._status, {"x-amzn-errortype": self._error_type})


class InvalidQueryError(Exception):
    """The query does not fit the schema; AppSync says so with status 200."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self._errors = errors

    def response(self) -> Response:
        """The refusal as AppSync sends it."""
        errors = [
            {
                "path": None,
                "locations": locations(one),
                "message": f"Validation error: {one.message}",
            }
            for one in self._errors
        ]
        return JSONResponse({"data": None, "errors": errors})


class _Body(BaseModel):
    query: str = Field(min_length=1)
    variables: dict[str, Any] | None = None
    operation_name: str | None = Field(default=None, alias="operationName")


@dataclass(frozen=True)
class GraphqlRequest:
    """One operation, known to fit the schema, with the fragments that it uses."""

    document: DocumentNode
    variables: dict[str, Any]

    @classmethod
    def read(cls, body: bytes, schema: GraphQLSchema) -> Self:
        """Reads an HTTP body.

        Raises:
            RefusedError: if it is no GraphQL request, or asks for a subscription.
            InvalidQueryError: if the query does not fit the schema.
        """
        try:
            request = _Body.model_validate_json(body)
            document = parse(request.query)
        except ValidationError as error:
            raise RefusedError.malformed("Invalid JSON payload in POST request.") from error
        except GraphQLError as error:
            raise RefusedError.malformed("Unable to parse GraphQL query.") from error
        if errors := validate(schema, document):
            raise InvalidQueryError(errors)
        return cls(_only_operation(document, request.operation_name), request.variables or {})


def _only_operation(document: DocumentNode, name: str | None) -> DocumentNode:
    operation = get_operation_ast(document, name)
    if operation is None:
        raise RefusedError.malformed(
            f"Unknown operation named '{name}'." if name else "Must provide an operation name."
        )
    if operation.operation is OperationType.SUBSCRIPTION:
        raise RefusedError.malformed("Subscriptions are served over a WebSocket only.")
    return separate_operations(document)[operation.name.value if operation.name else ""]


async def read_body(request: Request) -> bytes:
    """The request's body.

    Raises:
        RefusedError: if it is longer than AppSync takes.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "RequestEntityTooLargeException",
                f"The request is longer than {MAX_BODY_BYTES:,} bytes.",
            )
    return bytes(body)
