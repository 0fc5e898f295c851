"""What the local stage's templates and the local stack agree on."""

from enum import StrEnum

LOCAL_ASSETS_BUCKET = "grocery-local-assets"
"""The bucket for the functions' code on the emulator; `orders local up` creates it."""


class LocalAddress(StrEnum):
    """The parameters of the local stage's template that are addresses.

    Attributes:
        AWS: the emulator itself, which serves function URLs.
        PAYSTACK: PayStack's stand-in.
        BEDROCK: Bedrock's stand-in.
        DYNAMODB: the proxy of the emulator's DynamoDB, which can inject faults.
        FRONT_DOOR: AppSync's stand-in, with subscriptions.
        COGNITO: the proxy of the emulator's Cognito, which asks for the second factor.
    """

    AWS = "AwsUrl"
    PAYSTACK = "PaystackUrl"
    BEDROCK = "BedrockUrl"
    DYNAMODB = "DynamodbUrl"
    FRONT_DOOR = "FrontDoorUrl"
    COGNITO = "CognitoUrl"
