"""Reads of a view side by side: what fails, or takes too long, is named, and hides nothing."""

from __future__ import annotations

import logging
from threading import Event

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from orderflow.errors import StoreUnavailable
from scripts.console.stage import Parallel, Reads
from scripts.console.unread import Unread


def failing(error: Exception) -> object:
    raise error


def test_what_is_read_is_found_and_what_fails_is_named() -> None:
    reads = Reads()

    found = Parallel().run(
        reads, {"a": lambda: 1, "b: 1": lambda: failing(StoreUnavailable("DynamoDB failed"))}
    )

    assert found == {"a": 1}
    (unread,) = reads.unread
    assert (unread.what, unread.why) == ("b", "DynamoDB failed.")


def test_a_part_that_does_not_answer_is_not_waited_for() -> None:
    reads, answered = Reads(), Event()
    try:
        found = Parallel(patience=0.05).run(reads, {"quick": lambda: 1, "slow": answered.wait})
    finally:
        answered.set()

    assert found == {"quick": 1}
    (unread,) = reads.unread
    assert unread.why == "AWS did not answer within 0.05 s."


def test_parts_with_one_reason_stand_together() -> None:
    reads = Reads()

    Parallel().run(reads, {name: lambda: failing(StoreUnavailable("out")) for name in "aabc"})

    (unread,) = reads.as_json()["unread"]
    assert unread["what"] == ["a", "b", "c"]


def test_a_fault_of_the_console_itself_is_on_its_terminal(caplog: pytest.LogCaptureFixture) -> None:
    reads = Reads()
    with caplog.at_level(logging.ERROR):
        Parallel().run(reads, {"alarms": lambda: failing(KeyError("name"))})

    assert reads.unread[0].why == "The console failed: KeyError."
    assert "KeyError: 'name'" in caplog.text


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query"), "this permission"),
        (ClientError({"Error": {"Code": "ExpiredTokenException"}}, "Query"), "Sign in to AWS"),
        (NoCredentialsError(), "Sign in to AWS"),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "Query"), "asks again by itself"),
        (StoreUnavailable("out"), "asks again by itself"),
        (ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Q"), "orders health"),
    ],
)
def test_each_error_has_its_advice(error: Exception, advice: str) -> None:
    assert advice in Unread.of("alarms", error).advice
