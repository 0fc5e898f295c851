"""What the local stage's templates and the local stack agree on."""

import sys
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

LOCAL_ASSETS_BUCKET = "grocery-local-assets"
"""The bucket for the functions' code on the emulator; `orders local up` creates it."""


class LocalAddress(StrEnum):
    """The parameters of the local stage's template that are addresses.

    Attributes:
        AWS: the emulator itself, which serves function URLs.
        PAYSTACK: PayStack's stand-in.
        BEDROCK: Bedrock's stand-in.
        DYNAMODB: the emulator's DynamoDB for functions, where faults can be injected.
        FRONT_DOOR: AppSync's stand-in, with subscriptions.
        COGNITO: the proxy of the emulator's Cognito, which asks for the second factor.
    """

    AWS = "AwsUrl"
    PAYSTACK = "PaystackUrl"
    BEDROCK = "BedrockUrl"
    DYNAMODB = "DynamodbUrl"
    FRONT_DOOR = "FrontDoorUrl"
    COGNITO = "CognitoUrl"


class Emulator(BaseModel):
    """What runs the functions on this machine.

    Attributes:
        python: the interpreter that runs the functions; they are bundled for it.
        runtime_dir: the folder with the Lambda runtime's packages (``awslambdaric``, ``boto3``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    python: Path = Path(sys.executable)
    runtime_dir: Path = Path("/nonexistent")
