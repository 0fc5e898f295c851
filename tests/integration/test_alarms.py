"""Outages on the deployed stack: what operations are paged, and what they are not."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from scripts.cli import main
from tests.support.following import Following
from tests.support.http import http
from tests.support.pager import Pager
from tests.support.runbooks import PageCommand
from tests.support.shop import Shop
from tests.support.waiting import wait_for

pytestmark = pytest.mark.long

#: The dead-letter queues, by the stack's outputs.
QUEUES = ("DeadLettersQueueUrl", "ParkedOrdersDeadLettersQueueUrl")

#: Lambda's report of a batch of a stream's records.
RECORDS = json.dumps({"requestContext": {"functionArn": "arn:f"}, "DDBStreamBatchInfo": {}})

TIMER = {"kind": "order", "provider": "paystack", "parkings": 0}


@pytest.fixture
def pager(shop: Shop) -> Iterator[Pager]:
    with Pager(shop) as pager:
        yield pager


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


def test_the_page_of_dead_letters_helps_with_those_that_can_be_tried_again_and_others(
    shop: Shop, pager: Pager
) -> None:
    shop.sqs.send_message(QueueUrl=shop.state.outputs[QUEUES[0]], MessageBody="poison")
    # Of an order that does not exist: the next attempt succeeds, with nothing to do.
    shop.sqs.send_message(
        QueueUrl=shop.state.outputs[QUEUES[1]],
        MessageBody=json.dumps({**TIMER, "orderId": "no-such-order"}),
        MessageAttributes={"retries": {"DataType": "Number", "StringValue": "3"}},
    )
    pager.wait_for("DeadLetters")
    assert pager.begun("DeadLetters") == 1
    shop.sqs.send_message(QueueUrl=shop.state.outputs[QUEUES[0]], MessageBody=RECORDS)
    letters = wait_for(lambda: _letters("list"), lambda found: len(found) == 3)
    by_reason = {each["reason"].split()[0]: each["id"] for each in letters}

    def which(command: PageCommand) -> str:
        words = {"retry": "It", "keep": "Records"}
        verb = command.line.split()[2]
        return str(by_reason[words.get(verb, "Not")])[:8]

    with Following("poison-messages.md", ID=which) as operator:
        operator.look()
        operator.act()
        operator.verify(pager.hasten)

    wait_for(shop.alarm_clocks, lambda clocks: "no-such-order" not in str(clocks))
    pager.wait_for_end("DeadLetters")

    # A letter that an operator keeps hides no other.
    (kept,) = _letters("list")
    assert kept["seen"] == "It is task 7."
    shop.sqs.send_message(QueueUrl=shop.state.outputs[QUEUES[0]], MessageBody="more poison")
    wait_for(lambda: pager.begun("DeadLetters"), (2).__eq__)
    for letter in wait_for(lambda: _letters("list"), lambda found: len(found) == 2):
        _orders("drop", letter["id"], "--reason", "A test sent it.")
    assert _letters("list") == []


def test_a_timer_that_failed_is_tried_again(shop: Shop) -> None:
    """Of an order that does not exist: the timer ends without a fault and is no letter then."""
    timer = {**TIMER, "orderId": "no-order"}
    url = shop.state.outputs["ParkedOrdersDeadLettersQueueUrl"]

    shop.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(timer))

    wait_for(
        lambda: [each["orderId"] for each in shop.alarm_clocks()], lambda ids: "no-order" in ids
    )
    assert _letters("list") == []


def test_suspended_email_is_one_page_for_as_long_as_it_lasts(shop: Shop, pager: Pager) -> None:
    customer, ses = shop.new_customer(), shop.deployment.client("sesv2")
    ses.put_account_sending_attributes(SendingEnabled=False)
    try:
        for text in ("3 eggs", "1 loaf bread"):
            shop.awaiting(customer.insist(text))
            pager.wait_for("EmailRefused")
        assert pager.begun("EmailRefused") == 1
    finally:
        ses.put_account_sending_attributes(SendingEnabled=True)

    pager.wait_for_end("EmailRefused")
    assert pager.begun("EmailRefused") == 1


@pytest.mark.parametrize("form", ["denied", "retired", "daily_quota"])
def test_that_bedrock_refuses_us_is_one_page_for_as_long_as_it_lasts(
    shop: Shop, pager: Pager, form: str
) -> None:
    customer = shop.new_customer()
    answers = f"{shop.state.urls.bedrock}/_admin/answers"
    http.put(answers, json={"form": form}).raise_for_status()
    try:
        for number in (2, 3):
            order = shop.awaiting(customer.insist(f"{number} packs of spageti from a {form} shelf"))
            assert order.lines
            pager.wait_for("BedrockRefuses", "ProviderOut")
        assert pager.begun("ProviderOut") == 1
    finally:
        http.put(answers, json={"form": "normal"}).raise_for_status()

    pager.wait_for_end("ProviderOut")
    assert pager.begun("ProviderOut") == 1


def _letters(*arguments: str) -> Any:
    return json.loads(_orders(*arguments, "--json"))


def _orders(*arguments: str) -> str:
    result = CliRunner().invoke(main.app, ["dead-letters", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return str(result.stdout)
