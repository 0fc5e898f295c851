"""Requests to AWS that policies must allow, with the use of the key that encrypts their target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.support.policies.account import ACCOUNT, REGION, Account, Resource

#: The principal of a request that is not signed.
ANYBODY = "anybody"


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        path: who calls what, for people.
        kind: the kind of the path.
        principal: a service, a role's ARN, or ``ANYBODY``.
        action: as policies name it (``sns:Publish``).
        resource: its ARN.
        context: values of condition keys.
    """

    path: str
    kind: str
    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}: {self.principal} {self.action} {self.resource}"


_ENCRYPT = ("kms:GenerateDataKey", "kms:Decrypt")
_DECRYPT = ("kms:Decrypt",)

#: What a call needs of the key that encrypts its target. Sources:
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
#: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
_KEY_USES = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    "s3:PutObject": _ENCRYPT,
    "sns:Publish": _ENCRYPT,
    "sqs:SendMessage": _ENCRYPT,
    "sqs:ReceiveMessage": _DECRYPT,
    "secretsmanager:GetSecretValue": _DECRYPT,
}

#: What follows the ARN of a table or a bucket in the ARN of its part.
_PART_OF = re.compile(r"/index/|/audit/")

#: EventBridge's requests to a key carry no source. AWS says so of topics ("Adding the
#: aws:SourceAccount and aws:SourceArn to a AWS KMS policy is not supported for
#: EventBridge-to-encrypted topics", SNS's page on keys) and says nothing else of queues.
_WITHOUT_SOURCE = {"events.amazonaws.com"}


def requests(
    account: Account,
    path: object,
    principal: str,
    action: str,
    arn: str,
    context: Mapping[str, str],
    kind: str | None = None,
) -> Iterator[Call]:
    """The call, over TLS and with what AWS adds, and the calls of the key that it leads to.

    Args:
        path: a path of events, or a text with its ``kind``.
        context: condition keys that depend on the path, such as ``aws:SourceArn``.
    """
    name = kind or getattr(path, "kind", "")
    added = {"aws:SecureTransport": "true"}
    if principal.endswith(".amazonaws.com"):
        added["aws:SourceAccount"] = ACCOUNT
    yield Call(str(path), name, principal, action, arn, {**added, **context})
    for key, use in _key_uses(account, action, arn):
        yield Call(str(path), name, principal, use, key, _key_context(principal, action, context))


def _key_uses(account: Account, action: str, arn: str) -> Iterator[tuple[str, str]]:
    """The ARN of the key of the target, and each action on it."""
    target = account.by_name.get(_PART_OF.split(arn)[0])
    if target is None or (key := _key_of(account, target)) is None:
        return
    uses = _DECRYPT if action.startswith("dynamodb:") else _KEY_USES.get(action, ())
    for use in uses:
        yield account.arn(key), use


def _key_of(account: Account, target: Resource) -> Resource | None:
    table = target.raw.get("SSESpecification", {}).get("KMSMasterKeyId")
    named = (
        table
        or target.raw.get("KmsMasterKeyId")
        or target.raw.get("KmsKeyId")
        or _key_of_bucket(target)
    )
    return account.referred(named)[0] if named else None


def _key_of_bucket(target: Resource) -> object:
    for rule in target.raw.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", ()):
        return rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    return None


def _key_context(principal: str, action: str, context: Mapping[str, str]) -> dict[str, str]:
    """What a key's policy and a role's see of a request that a service makes for the principal."""
    if principal in _WITHOUT_SOURCE:
        return {}
    if principal.endswith(".amazonaws.com"):
        return {"aws:SourceAccount": ACCOUNT, **context}
    service = action.partition(":")[0]
    return {
        "kms:ViaService": f"{service}.{REGION}.amazonaws.com",
        "kms:CallerAccount": ACCOUNT,
    }
