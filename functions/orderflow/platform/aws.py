"""AWS clients, made once for each function instance.

The state machine retries; the clients make one attempt, with timeouts below the function's own, so
that Retry and the breaker see a provider's failure.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.session import get_session

from orderflow.platform.dynamodb.plain_answers import read_plainly
from orderflow.platform.lean_models import share_models
from orderflow.platform.tracing import TracedSession

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient


#: Timeouts in seconds. The longest is for a model's answer.
CONNECT_TIMEOUT: Final = 2.0
BEDROCK_READ_TIMEOUT: Final = 20.0
HTTP_READ_TIMEOUT: Final = 4.0


#: Without a name botocore puts this header together from twenty parts, twice for each request: a
#: sixth of the processor time of a call.
USER_AGENT: Final = "grocery-orders"

# Before the first session is made.
share_models()


def _config(read_timeout: float) -> Config:
    return Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=read_timeout,
        retries={"total_max_attempts": 1},
        user_agent=USER_AGENT,
    )


@cache
def dynamodb() -> DynamoDBServiceResource:
    """Amazon DynamoDB."""
    made = boto3.resource("dynamodb", config=_config(3))
    read_plainly(made.meta.client)
    return made


@cache
def table_type() -> Callable[..., Table]:
    """The class of tables, which boto3 would make anew for each of them."""
    return type(dynamodb().Table("any"))


@cache
def table(name: str) -> Table:
    """A DynamoDB table."""
    return table_type()(name, client=dynamodb().meta.client)


@cache
def cognito() -> CognitoIdentityProviderClient:
    """Amazon Cognito user pools."""
    return boto3.client("cognito-idp", config=_config(3))


@cache
def cognito_for_users() -> CognitoIdentityProviderClient:
    """Amazon Cognito as users of a pool call it: without credentials."""
    config = _config(8).merge(Config(signature_version=UNSIGNED))
    return boto3.client("cognito-idp", config=config)


@cache
def step_functions() -> SFNClient:
    """AWS Step Functions."""
    return boto3.client("stepfunctions", config=_config(4))


@cache
def bedrock_runtime() -> BedrockRuntimeClient:
    """Amazon Bedrock's runtime."""
    return boto3.client("bedrock-runtime", config=_config(BEDROCK_READ_TIMEOUT))


@cache
def ses() -> SESV2Client:
    """Amazon SES."""
    return boto3.client("sesv2", config=_config(8))


@cache
def ssm_parameters() -> SSMProvider:
    """Parameter Store, behind Powertools' cache."""
    return SSMProvider(boto3_client=boto3.client("ssm", config=_config(3)))


@cache
def secrets() -> SecretsProvider:
    """Secrets Manager, behind Powertools' cache."""
    return SecretsProvider(boto3_client=boto3.client("secretsmanager", config=_config(3)))


@cache
def sqs() -> SQSClient:
    """Amazon SQS."""
    return boto3.client("sqs", config=_config(4))


@cache
def sns() -> SNSClient:
    """Amazon SNS."""
    return boto3.client("sns", config=_config(4))


@cache
def logs() -> CloudWatchLogsClient:
    """Amazon CloudWatch Logs."""
    return boto3.client("logs", config=_config(4))


@cache
def s3() -> S3Client:
    """Amazon S3, without boto3's transfer manager, which would be imported for nothing."""
    return cast("S3Client", get_session().create_client("s3", config=_config(6)))


@cache
def http(connections: int, read_timeout: float = HTTP_READ_TIMEOUT) -> URLLib3Session:
    """An HTTP session that keeps so many connections between calls; its timeout is in seconds."""
    # botocore takes a pair of connect and read timeout, and socket options; its stubs lack both.
    timeout: Any = (CONNECT_TIMEOUT, read_timeout)
    # As in botocore's own clients: a request's body does not wait for its head's acknowledgement.
    at_once: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    return TracedSession(timeout=timeout, max_pool_connections=connections, socket_options=at_once)


@cache
def credentials() -> Credentials:
    """The credentials of the function's role.

    Raises:
        NoCredentialsError: the environment holds none.
    """
    found = boto3.Session().get_credentials()
    if found is None:
        raise NoCredentialsError
    return found
