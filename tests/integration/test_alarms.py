"""Outages on the deployed stack: what operations are paged, and what they are not."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.shop import Shop
from tests.support.waiting import wait_for

QUEUE = "ParkedOrdersDeadLettersQueueUrl"


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
    """A table that refuses our writes is no outage of a provider: the executions fail."""
    machine = shop.state.outputs["StateMachineArn"]
    for number in range(3):
        shop.sfn.start_execution(
            stateMachineArn=machine, name=f"broken-{pager.__hash__()}-{number}", input="{}"
        )

    wait_for(lambda: pager.begun("OrdersFail"), bool)
    wait_for(lambda: shop.alarm_state("ExecutionsFailedLately"), lambda state: state == "ALARM")
    assert pager.begun("OrdersFail") == 1
    assert pager.begun("ServiceDegraded") == 0


def test_a_dead_letter_pages_and_ends_when_it_is_gone(shop: Shop, pager: Pager) -> None:
    url = shop.state.outputs[QUEUE]
    shop.sqs.send_message(QueueUrl=url, MessageBody='{"kind": "poison"}')
    wait_for(lambda: pager.begun("DeadLetters"), bool)

    shop.sqs.purge_queue(QueueUrl=url)

    assert pager.begun("DeadLetters") == 1
    assert shop.alarm_state("DeadLetters") == "ALARM"
