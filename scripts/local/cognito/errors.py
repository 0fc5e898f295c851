"""The errors that Amazon Cognito answers with."""

from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse

MEDIA_TYPE: Final = "application/x-amz-json-1.1"


class CognitoError(Exception):
    """A refusal.

    Args:
        name: the error of the service model, such as ``CodeMismatchException``.
        message: for the caller.
        status: HTTP status.
    """

    def __init__(
        self, name: str, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.status = status

    def response(self) -> JSONResponse:
        """The answer in the form of AWS's JSON protocol."""
        body = {"__type": self.name, "message": self.message}
        return JSONResponse(
            body, self.status, {"x-amzn-errortype": self.name}, media_type=MEDIA_TYPE
        )


def not_authorized(message: str) -> CognitoError:
    """The refusal of a credential: a session, a token or a password."""
    return CognitoError("NotAuthorizedException", message)


def invalid_parameter(message: str) -> CognitoError:
    """The refusal of a request that is not well formed or not enabled."""
    return CognitoError("InvalidParameterException", message)


def blocked() -> CognitoError:
    """The refusal of a request that the user pool's web ACL blocks.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-waf.html
    """
    return CognitoError(
        "ForbiddenException", "Request not allowed due to WAF block.", HTTPStatus.FORBIDDEN
    )
