"""AWS X-Ray's published rules of segment documents, as a judge; AWS's client of its stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
from botocore.awsrequest import AWSResponse
from jsonschema import Draft4Validator
from starlette.testclient import TestClient

from scripts.local.stack import aws
from scripts.local.traces.api import XrayStandIn
from tests.support.paths import PROJECT

RULES: Final = json.loads((PROJECT / "tests/data/xray_segment_rules.json").read_text("utf-8"))

#: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
MOST_BYTES: Final = 64 * 1000
MOST_ANNOTATIONS: Final = 50


def problems(document: dict[str, Any]) -> list[str]:
    """What X-Ray would not take, or not index, of a document that is sent by itself."""
    kind = "independent" if document.get("type") == "subsegment" else "segment"
    rules = {**RULES, "$ref": f"#/definitions/{kind}"}
    found = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft4Validator(rules).iter_errors(document)
    ]
    size = len(json.dumps(document).encode())
    if size > MOST_BYTES:
        found.append(f"{size} bytes")
    nested = [*_nested(document)]
    if len({each["id"] for each in nested}) < len(nested):
        found.append("an id occurs twice")
    if sum(len(each.get("annotations", {})) for each in nested) > MOST_ANNOTATIONS:
        found.append("too many annotations")
    return found


def _nested(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield document
    for each in document.get("subsegments", ()):
        yield from _nested(each)


def client_of(stand_in: XrayStandIn) -> Any:
    """AWS's own client, whose requests the stand-in's app answers."""
    app = TestClient(stand_in.app())
    client: Any = aws.client("xray", "http://xray.test")

    def send(request: Any, **_: Any) -> AWSResponse:
        path = request.url.removeprefix("http://xray.test")
        answer: httpx.Response = app.post(path, content=request.body)
        raw: Any = type("Raw", (), {"stream": lambda _self: iter([answer.content])})()
        return AWSResponse(request.url, answer.status_code, dict(answer.headers), raw)

    client.meta.events.register("before-send.xray", send)
    return client
