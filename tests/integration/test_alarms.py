"""Outages on the deployed stack: what operations are paged, and what they are not."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from typing import Any

import pytest
from typer.testing import CliRunner

from scripts.cli import main
from tests.support.shop import Shop
from tests.support.waiting import wait_for

pytestmark = pytest.mark.long

#: The dead-letter queues, by the stack's outputs.
QUEUES = ("DeadLettersQueueUrl", "ParkedOrdersDeadLettersQueueUrl")


class Pager:
    """The pages since the test began: how often each began and ended."""

    def __init__(self, shop: Shop) -> None:
        self._read = shop.pages()
        self._counts: Counter[tuple[str, str]] = Counter()

    def counts(self) -> Counter[tuple[str, str]]:
        for page in self._read():
            name = page["AlarmName"].removeprefix("grocery-local-")
            self._counts[name, page["NewStateValue"]] += 1
        return self._counts

    def begun(self, page: str) -> int:
        return self.counts()[page, "ALARM"]


@pytest.fixture
def pager(shop: Shop) -> Pager:
    pager = Pager(shop)
    shop.silence_alarms()
    return pager


def test_failed_executions_are_one_page(shop: Shop, pager: Pager) -> None:
    """Their input is none that the workflow takes: no provider is at fault."""
    machine = shop.state.outputs["StateMachineArn"]
    for _ in range(3):
        name = f"broken-{uuid.uuid4().hex}"
        shop.sfn.start_execution(stateMachineArn=machine, name=name, input="{}")

    wait_for(lambda: pager.begun("OrdersFail"), bool)
    wait_for(lambda: shop.alarm_state("ExecutionsFailedLately"), lambda state: state == "ALARM")
    assert pager.begun("OrdersFail") == 1
    assert pager.begun("ServiceDegraded") == 0


@pytest.mark.parametrize("queue", QUEUES)
def test_a_poison_message_is_kept_pages_once_and_ends_when_it_is_dropped(
    shop: Shop, pager: Pager, queue: str
) -> None:
    body = f'{{"poison": "for {queue}"}}'
    shop.sqs.send_message(QueueUrl=shop.state.outputs[queue], MessageBody=body)
    wait_for(lambda: pager.begun("DeadLetters"), bool)

    (letter,) = wait_for(lambda: _letters("list"), bool)
    assert letter["reason"].startswith("Not a message of ours")
    assert _letters("show", letter["id"])["body"] == body
    _orders("drop", letter["id"], "--reason", "A test sent it.")

    wait_for(lambda: shop.alarm_state("DeadLetters"), lambda state: state == "OK", 120)
    assert pager.counts()["DeadLetters", "OK"] == 1
    assert pager.begun("DeadLetters") == 1


def test_a_timer_that_failed_is_tried_again(shop: Shop) -> None:
    """Of an order that does not exist: the timer ends without a fault and is no letter then."""
    timer = {"kind": "order", "orderId": "no-order", "provider": "paystack", "parkings": 0}
    url = shop.state.outputs["ParkedOrdersDeadLettersQueueUrl"]

    shop.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(timer))

    wait_for(
        lambda: [each["orderId"] for each in shop.alarm_clocks()], lambda ids: "no-order" in ids
    )
    assert _letters("list") == []


def _letters(*arguments: str) -> Any:
    return json.loads(_orders(*arguments, "--json"))


def _orders(*arguments: str) -> str:
    result = CliRunner().invoke(main.app, ["dead-letters", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return str(result.stdout)
