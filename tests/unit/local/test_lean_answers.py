"""What the emulator's answers leave out, and its ids."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from scripts.local.lean_answers import drawn, lean

_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Access-Control-Allow-Origin": "*",
    "x-amzn-requestid": "id",
    "x-amz-request-id": "id",
    "x-amz-id-2": "more",
}


@pytest.mark.parametrize(
    ("asked", "left_out"),
    [
        ({"x-amz-target": "DynamoDB_20120810.GetItem"}, {"Access-Control-Allow-Origin"}),
        ({"x-amz-target": "DynamoDB_20120810.GetItem", "origin": "http://shop"}, set()),
        ({}, {"Access-Control-Allow-Origin"}),
    ],
)
def test_browsers_and_clients_of_s3_get_the_headers_that_they_read(
    asked: dict[str, str], left_out: set[str]
) -> None:
    if "x-amz-target" in asked:
        left_out = left_out | {"x-amz-request-id", "x-amz-id-2"}

    async def dispatch(*_: Any) -> Any:
        return 200, {**_HEADERS}, b"{}"

    status, headers, body = asyncio.run(lean(dispatch)("POST", "/", asked, b""))

    assert (status, body) == (200, b"{}")
    assert headers.keys() == _HEADERS.keys() - left_out


def test_what_is_not_handled_here_stays_so() -> None:
    async def dispatch(*_: Any) -> Any:
        return None

    assert asyncio.run(lean(dispatch)("GET", "/", {}, b"")) is None


def test_ids_are_random_ones_of_version_4() -> None:
    ids = {drawn() for _ in range(1000)}

    assert len(ids) == 1000
    assert {each.version for each in ids} == {4}
