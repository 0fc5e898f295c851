"""What the console says is wrong, in one sentence each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderflow.breakers.providers import ProviderName
from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.orders.model import Failure, Order, Parked, StatusChange
from orderflow.orders.status import OrderStatus
from scripts.console.emails import MissedEmails
from scripts.console.overview.pages import OUTLASTS
from scripts.console.overview.problem import (
    DeadLetters,
    Facts,
    Outage,
    Problem,
    Severity,
    clock_time,
)
from scripts.console.overview.problems import headline, problems
from scripts.inspection.alarms import Alarm
from scripts.inspection.stuck_orders import StuckGroup, StuckOrder, grouped
from tests.support.factories import a_matched_order, an_order, an_order_id

NOW = datetime(2026, 1, 31, 14, 30, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=28)
AT = clock_time(SINCE)


def epoch(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def opened(provider: str = "paystack", **changes: Any) -> BreakerItem:
    fields = {"state": State.OPEN, "retry_at": epoch(NOW + timedelta(seconds=40)), "opens": 1}
    return BreakerItem(provider=provider, **fields | changes)


class Breakers:
    def __init__(self, item: BreakerItem) -> None:
        self._item = item

    def read(self, provider: str) -> BreakerItem:
        return self._item.model_copy(update={"provider": provider})

    def write(self, *_: Any) -> Any:
        raise NotImplementedError


def groups(item: BreakerItem, *orders: Order, unread: Collection[str] = ()) -> list[StuckGroup]:
    return grouped(map(StuckOrder.of, orders), Breakers(item).read, NOW, unread)


def parked(kobo: int, provider: str = "paystack", **changes: Any) -> Order:
    where = Parked(task_token="secret", provider=provider, park_count=0, at=SINCE)
    history = [StatusChange(status=OrderStatus.PAYMENT_DELAYED, at=SINCE, by="t")]
    fields = {"status": "PAYMENT_DELAYED", "parked": where, "history": history}
    return a_matched_order(total_kobo=kobo, **fields | changes)


def failed(error: str, kobo: int = 100_000, **changes: Any) -> Order:
    failure = Failure(error=error, state="CreatePaymentLink", execution_arn="arn", at=SINCE)
    history = [StatusChange(status=OrderStatus.FAILED, at=SINCE, by="t")]
    fields = {"status": "FAILED", "failure": failure, "history": history, "total_kobo": kobo}
    return a_matched_order(**fields | changes)


def test_an_outage_says_since_when_how_many_how_much_and_what_happens() -> None:
    item = opened()
    orders = [parked(729_600) for _ in range(25)]

    (problem,) = problems(Facts(groups(item, *orders), [Outage(item, SINCE)], NOW))

    assert problem.sentence == (
        f"PayStack is out since {AT}; 25 orders, ₦182,400.00 waiting; "
        "they go on by themselves; next probe in 40 s"
    )
    assert problem.severity is Severity.WATCH
    assert problem.customers == 1


def test_a_breaker_that_an_operator_forced_open_needs_an_operator() -> None:
    item = opened(mode=Mode.FORCED_OPEN, mode_reason="maintenance")

    (problem,) = problems(Facts(groups(item, parked(100)), [Outage(item, SINCE)], NOW))

    assert problem.severity is Severity.ACT
    assert problem.command == "orders breakers auto paystack"
    assert "until an operator changes it" in problem.sentence


def test_an_outage_of_bedrock_says_that_lists_are_matched_by_name() -> None:
    item = opened("bedrock")

    (problem,) = problems(Facts([], [Outage(item, SINCE)], NOW))

    assert problem.sentence == (
        f"Bedrock is out since {AT}; no order waits; lists are matched by name meanwhile; "
        "next probe in 40 s"
    )


def test_an_outage_that_began_before_the_last_hour_says_so() -> None:
    outage = Outage(opened(), SINCE, began_earlier=True)

    (problem,) = problems(Facts([], [outage], NOW))

    assert problem.sentence.startswith(f"PayStack is out since {AT} or earlier; no order waits")


def test_orders_of_letters_that_were_not_all_looked_into_are_a_lower_bound() -> None:
    letters = DeadLetters("dead letters", 40, SINCE, orders=[an_order()], is_complete=False)

    (problem,) = problems(Facts([], [], NOW, dead_letters=[letters]))

    assert problem.sentence.startswith(
        f"40 messages could not be handled since {AT} or earlier; at least 1 order"
    )


def test_a_refusal_of_bedrock_is_not_called_a_recovery() -> None:
    item = BreakerItem(provider="bedrock")
    waiting = groups(item, parked(100, "bedrock"))

    (problem,) = problems(Facts(waiting, [Outage(item)], NOW, refused_since=SINCE))
    (alone,) = problems(Facts([], [Outage(item)], NOW, refused_since=SINCE))

    assert problem.severity is Severity.ACT
    assert problem.sentence.startswith(
        f"Bedrock refuses our requests since {AT}; 1 order, ₦1.00 waiting; lists are matched by"
    )
    assert problem.command == "orders resume --all --provider bedrock"
    assert "no order waits" in alone.sentence


def test_a_due_probe_is_the_next_call() -> None:
    item = opened(retry_at=epoch(NOW - timedelta(seconds=1)))

    (problem,) = problems(Facts([], [Outage(item, SINCE)], NOW))

    assert problem.happens == "they go on by themselves; next probe with the next order"


def test_a_recovery_says_how_fast_and_until_when() -> None:
    item = BreakerItem(provider="paystack")
    orders = [parked(100) for _ in range(60)]

    (problem,) = problems(
        Facts(groups(item, *orders), [Outage(item, back_since=NOW)], NOW, resume_rate=4)
    )

    assert problem.what == "PayStack is back"
    assert problem.happens == "they go on by themselves, 4 a second: done in about 15 s"
    assert problem.act == "resume"


def test_failures_are_named_with_the_deployment_that_preceded_them() -> None:
    deployed = SINCE - timedelta(minutes=3)

    (problem,) = problems(
        Facts(
            groups(opened(), failed("KeyError"), failed("KeyError")), [], NOW, deployed_at=deployed
        )
    )

    assert problem.sentence == (
        f"Orders fail in CreatePaymentLink: KeyError since {AT}; 2 orders, ₦2,000.00 failed; "
        "they are kept, and wait for a replay; "
        f"the last deployment was at {clock_time(deployed)}, 3 min before"
    )
    assert problem.command == "orders replay --error KeyError"
    assert (problem.severity, problem.act) == (Severity.ACT, "replay")


@pytest.mark.parametrize("before", [timedelta(hours=-1), timedelta(hours=2)])
def test_a_later_or_much_earlier_deployment_is_not_blamed(before: timedelta) -> None:
    facts = Facts(groups(opened(), failed("KeyError")), [], NOW, deployed_at=SINCE - before)

    assert problems(facts)[0].happens == "they are kept, and wait for a replay"


def test_refused_emails_need_an_operator_until_one_is_sent_again() -> None:
    orders = [an_order(), an_order(customer_id="another")]
    during = Facts([], [], NOW, missed=MissedEmails(orders, SINCE))
    after = Facts([], [], NOW, missed=MissedEmails(orders, SINCE, NOW))

    (now,), (later,) = problems(during), problems(after)

    assert now.severity is Severity.ACT
    assert now.sentence == (
        f"E-mail is refused by Amazon SES since {AT}; 2 orders, ₦4,802.00 without an e-mail; "
        "the app shows their links"
    )
    assert (now.customers, later.severity) == (2, Severity.OVER)
    assert later.sentence.startswith(f"E-mail was refused from {AT} to {clock_time(NOW)}; 2 orders")


def test_dead_letters_are_counted_by_queue() -> None:
    (problem,) = problems(Facts([], [], NOW, dead_letters=[DeadLetters("dead letters", 1)]))

    assert problem.sentence == (
        "1 message could not be handled; in dead letters; they name no order"
    )
    assert problem.runbook == "poison-messages.md"


def test_what_needs_an_operator_comes_first() -> None:
    item = opened()
    found = problems(
        Facts(groups(item, parked(100), failed("KeyError")), [Outage(item, SINCE)], NOW)
    )

    assert [problem.severity for problem in found] == [Severity.ACT, Severity.WATCH]


def test_what_was_not_read_makes_the_figures_lower_bounds() -> None:
    item = opened()
    unread = ["PAYMENT_DELAYED"]
    waiting = groups(item, parked(100), unread=unread)

    (problem,) = problems(Facts(waiting, [Outage(item, SINCE)], NOW, unread=unread))

    assert "since 14:02; at least 1 order, at least ₦1.00 waiting" in problem.sentence.replace(
        AT, "14:02"
    )


def test_without_problems_all_is_well() -> None:
    assert headline([], "1,200 orders") == "All is well: 1,200 orders on the way."
    assert headline([], "1 order") == "All is well: 1 order on the way."


def test_an_alarm_that_pages_is_a_problem_where_nothing_else_says_why() -> None:
    text = "The PayStack key may have leaked. See the runbook security-alarms.md."
    alarm = Alarm("grocery-prod-DeniedPayments", text, True, SINCE, "", pages=True)
    outage = Outage(opened(), SINCE)

    (problem,) = problems(Facts([], [], NOW, pages=[alarm]))
    (cause,) = problems(Facts([], [outage], NOW, pages=[alarm]))

    assert problem.severity is Severity.ACT
    assert problem.runbook == "security-alarms.md"
    assert problem.sentence == (
        f"The alarm grocery-prod-DeniedPayments is on since {AT}; no order waits or has failed"
    )
    assert cause.what == "PayStack is out"


def outage_alarm(since: datetime = SINCE) -> Alarm:
    text = "Orders wait. See the runbook provider-outage.md."
    return Alarm("grocery-prod-ProviderOut", text, True, since, "", pages=True)


def of_both(provider: str, back_since: datetime | None) -> list[Outage]:
    """Both breakers closed; one of them since then."""
    return [
        Outage(BreakerItem(provider=each), back_since=back_since if each == provider else None)
        for each in ProviderName
    ]


@pytest.mark.parametrize(("provider", "name"), [("paystack", "PayStack"), ("bedrock", "Bedrock")])
def test_an_alarm_that_outlasts_its_outage_says_that_it_is_over(provider: str, name: str) -> None:
    ended = SINCE + timedelta(minutes=20)

    (problem,) = problems(Facts([], of_both(provider, ended), NOW, pages=[outage_alarm()]))

    assert problem.severity is Severity.OVER
    assert problem.sentence == (
        f"{name} was out, and is back since {clock_time(ended)}; no order waits for it; "
        "the alarm grocery-prod-ProviderOut ends by itself by "
        f"{clock_time(ended + OUTLASTS)}"
    )
    assert problem.advice == "nothing"
    assert problem.runbook == "provider-outage.md"


@pytest.mark.parametrize(
    ("ended", "unread", "known"),
    [
        (SINCE - timedelta(minutes=1), [], 2),  # before the alarm began
        (NOW - OUTLASTS - timedelta(minutes=1), [], 2),  # too long ago
        (None, [], 2),
        (NOW, ["PAYMENT_DELAYED"], 2),  # orders may wait
        (NOW, [], 1),  # the other provider may be out
    ],
)
def test_an_outage_is_not_said_to_be_over_where_that_is_not_known(
    ended: datetime | None, unread: list[str], known: int
) -> None:
    outages = of_both("paystack", ended)[:known]

    (problem,) = problems(Facts([], outages, NOW, pages=[outage_alarm()], unread=unread))

    assert problem.severity is Severity.ACT
    assert problem.what == "The alarm grocery-prod-ProviderOut is on"
    assert ("no order waits" in problem.sentence) == (not unread)


def test_an_outage_is_one_problem_while_an_order_is_between_two_attempts() -> None:
    item = opened()
    tried = parked(100, parked=None, status_reason="Our payment provider did not answer.")

    (problem,) = problems(Facts(groups(item, parked(100), tried), [Outage(item, SINCE)], NOW))

    assert problem.what == "PayStack is out"
    assert len(problem.order_ids) == 2


def test_several_problems_are_several_sentences() -> None:
    found = [Problem(what, Severity.ACT, None) for what in ("One is out", "Another fails")]

    assert headline(found, "") == "One is out. Another fails."


def test_the_page_gets_ids_and_no_tokens() -> None:
    order_id = an_order_id()
    item = opened()
    facts = Facts(groups(item, parked(100, order_id=order_id)), [Outage(item, SINCE)], NOW)

    shown = problems(facts)[0].as_json()

    assert (shown["orders"], shown["orderIds"]) == (1, [order_id])
    assert "secret" not in str(shown)


def test_a_letter_that_is_kept_says_why_and_how_it_is_handled() -> None:
    kept = DeadLetters("kept", 2, SINCE, reasons=["Not a message of ours"], is_kept=True)

    (problem,) = problems(Facts([], [], NOW, dead_letters=[kept]))

    assert problem.advice.startswith("Not a message of ours. Mend the cause")
    assert problem.command == "orders dead-letters list"
    assert problem.sentence.startswith(f"2 messages could not be handled since {AT}; in kept")
