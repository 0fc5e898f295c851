"""Which service, operation, resource and orders a request to the emulator names."""

import re
from collections.abc import Mapping
from typing import Final

_SERVICES: Final = {
    "DynamoDB": "dynamodb",
    "AWSStepFunctions": "states",
    "AmazonSQS": "sqs",
    "AmazonSSM": "ssm",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
    "Logs": "logs",
}
#: The first field of a GraphQL operation.
_FIELD: Final = re.compile(r"(?:query|mutation)[^{]*\{\s*(?:\\n\s*)*(\w+)")
_SCOPE: Final = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")
_ACTION: Final = re.compile(r"Action=(\w+)")

#: A UUID of version 4 or 5. The pattern begins with a rare character: it is searched for fast.
_ORDER_ID: Final = re.compile(
    rb"-(?<=[0-9a-f]{8}-)[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
_FIRST_PART: Final = 8


def name_of(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """The service and its operation, by the ways in which AWS's protocols name them."""
    target = headers.get("x-amz-target", "")
    if target:
        service, _, operation = target.rpartition(".")
        return _SERVICES.get(service.partition("_")[0], service.lower()), operation
    if ".appsync-api." in headers.get("host", "") or path.endswith("/graphql"):
        found = _FIELD.search(body.decode(errors="replace"))
        return "appsync", found.group(1) if found else "query"
    signed = _SCOPE.search(headers.get("authorization", ""))
    service = signed.group(1) if signed else "url"
    action = _ACTION.search(body.decode(errors="replace")) if body.startswith(b"A") else None
    if service == "ses" and path.endswith("outbound-emails"):
        return service, "SendEmail"
    return service, action.group(1) if action else f"{method} {path}"


def resource_of(service: str, path: str, body: bytes) -> str:
    """The table, or the path where a service names nothing else; empty where neither is billed."""
    if service == "dynamodb":
        found = re.search(rb'"TableName"\s*:\s*"([^"]+)"', body)
        return found.group(1).decode() if found else ""
    return path if service in {"s3", "url"} else ""


def order_ids(*texts: bytes | str | None) -> list[str]:
    """The ids in these texts that may be those of orders."""
    found = set()
    for each in texts:
        text = each.encode() if isinstance(each, str) else bytes(each or b"")
        for match in _ORDER_ID.finditer(text):
            found.add(text[match.start() - _FIRST_PART : match.end()].decode())
    return sorted(found)
