"""Accepting a list: what is refused and in which words, and that one key makes one order."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from orderflow.errors import (
    InvalidOrder,
    ProviderUnavailableError,
    RetryLaterError,
    StoreUnavailable,
)
from orderflow.grocery_list.parser import MAX_CHARACTERS, MAX_LINES
from orderflow.orders.status import OrderStatus
from orderflow.orders.store import OrderStore
from orderflow.orders.submission import (
    Accepted,
    IdempotencyKeyReusedError,
    Submission,
    accept,
    clean_list,
    execution_arn,
    order_id_for,
    parse_list,
    read_submission,
)
from orderflow.platform import aws
from tests.support.factories import (
    CUSTOMER_EMAIL,
    CUSTOMER_ID,
    GROCERY_LIST,
    STATE_MACHINE_ARN,
    an_order,
    client_error,
    stored,
)
from tests.unit.conftest import FailCalls


def admit_all(_customer_id: str, _order_id: str) -> None:
    """No limit."""


class Admitted:
    """The orders that were counted; refuses all once it is told to."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, str]] = []
        self.is_full = False

    def __call__(self, customer_id: str, order_id: str) -> None:
        if self.is_full:
            raise RetryLaterError("Too many.", 60)
        self.orders.append((customer_id, order_id))


def fields(**changes: Any) -> dict[str, Any]:
    """The GraphQL input of a customer's app."""
    return {"customerEmail": CUSTOMER_EMAIL, "groceryList": GROCERY_LIST} | changes


def a_submission(**changes: Any) -> Submission:
    return read_submission(CUSTOMER_ID, fields(**changes))


def refusal_of(**changes: Any) -> str:
    with pytest.raises(InvalidOrder) as refusal:
        a_submission(**changes)
    return str(refusal.value)


def a_list_of(characters: int) -> str:
    """One item with a long remark: so many characters in one line."""
    return "2 kg rice (".ljust(characters - 1, "x") + ")"


class TestReading:
    def test_the_least_a_customer_can_send(self) -> None:
        assert a_submission() == Submission(
            customer_id=CUSTOMER_ID, customer_email=CUSTOMER_EMAIL, grocery_list=GROCERY_LIST
        )

    def test_nulls_of_graphql_mean_absent(self) -> None:
        assert a_submission(idempotencyKey=None, customerName=None) == a_submission()

    @pytest.mark.parametrize("name", ["customerId", "customer_id"])
    def test_a_customer_cannot_order_for_another(self, name: str) -> None:
        try:
            submission = a_submission(**{name: "another-customer"})
        except InvalidOrder:
            return
        assert submission.customer_id == CUSTOMER_ID

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("Ada Buyer", "Ada Buyer"),
            ("  Ada\r\nBcc: x@y.example ", "AdaBcc: x@y.example"),
            ("Zoë \x00Ọlá", "Zoë Ọlá"),
            ("\x07\n ", None),
            ("", None),
        ],
    )
    def test_names_are_cleaned(self, given: str, kept: str | None) -> None:
        assert a_submission(customerName=given).customer_name == kept

    @pytest.mark.parametrize("key", ["a", "a" * 64, "A-z_0.9:", "2026-01-31T12:00"])
    def test_usable_idempotency_keys(self, key: str) -> None:
        assert a_submission(idempotencyKey=key).idempotency_key == key

    @pytest.mark.parametrize(
        "address",
        [
            "ada@mail.example",
            "ada+groceries@mail.example",
            "o'hara_1@sub.mail.example",
            "a" * 64 + "@mail.example",
        ],
    )
    def test_usable_e_mail_addresses(self, address: str) -> None:
        assert a_submission(customerEmail=address).customer_email == address


class TestRefusals:
    @pytest.mark.parametrize(
        "address",
        [
            "",
            "ada",
            "ada@mail",
            "@mail.example",
            "ada@@mail.example",
            "ada@mail.example\n",
            "ada @mail.example",
            "Ada <ada@mail.example>",
            "<ada@mail.example>",
            "ada@mail.example,eve@mail.example",
            "ada,eve@mail.example",
            "ada\x00@mail.example",
            "ada@mail..example",
            "a" * 65 + "@mail.example",
        ],
    )
    def test_what_is_no_e_mail_address(self, address: str) -> None:
        assert refusal_of(customerEmail=address) == "customerEmail: This is not an e-mail address."

    def test_an_e_mail_address_that_no_store_can_hold(self) -> None:
        assert refusal_of(customerEmail="a\ud800@mail.example").startswith("customerEmail: ")

    def test_an_endless_e_mail_address(self) -> None:
        assert "at most 254 characters" in refusal_of(customerEmail="a@" + "b." * 126 + "cc")

    @pytest.mark.parametrize("key", ["", "a" * 65, "a b", "a/b", "key\n", "schlüssel", "a\x00"])
    def test_an_idempotency_key_with_other_characters(self, key: str) -> None:
        assert refusal_of(idempotencyKey=key) == (
            "idempotencyKey: Please use 1 to 64 letters, digits, '-', '_', '.' or ':'."
        )

    def test_an_endless_name(self) -> None:
        assert refusal_of(customerName="a" * 101).startswith("customerName: ")

    def test_an_unknown_field_is_named(self) -> None:
        assert "coupon" in refusal_of(coupon="HALF")

    @pytest.mark.parametrize("field", ["customerEmail", "groceryList"])
    def test_a_missing_field_is_named(self, field: str) -> None:
        incomplete = fields()
        del incomplete[field]

        with pytest.raises(InvalidOrder, match=f"^{field}: "):
            read_submission(CUSTOMER_ID, incomplete)

    def test_all_problems_are_reported_at_once(self) -> None:
        message = refusal_of(customerEmail="ada", idempotencyKey="a b")

        assert "customerEmail" in message
        assert "idempotencyKey" in message

    def test_messages_are_written_for_customers(self) -> None:
        message = refusal_of(customerEmail="ada", idempotencyKey="a b", customerName="a" * 101)

        for jargon in ("Value error", "pydantic", "pattern", "http", "input_value"):
            assert jargon not in message

    def test_messages_do_not_repeat_what_the_customer_wrote(self) -> None:
        assert "secret-word" not in refusal_of(customerEmail="secret-word")


class TestLists:
    @pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\x00\x01\x07", "\x1b \x7f\n"])
    def test_an_empty_list_is_refused(self, text: str) -> None:
        assert refusal_of(groceryList=text) == "The list is empty. Please write at least one item."

    @pytest.mark.parametrize("text", ["!!!", "---\n***"])
    def test_a_list_without_any_item_is_refused_with_an_example(self, text: str) -> None:
        assert "such as '2 kg rice'" in refusal_of(groceryList=text)

    def test_the_longest_list(self) -> None:
        text = a_list_of(MAX_CHARACTERS)

        assert len(text) == 5_000
        assert clean_list(text) == text

    def test_one_character_more_is_refused_with_the_limit(self) -> None:
        message = refusal_of(groceryList=a_list_of(MAX_CHARACTERS + 1))

        assert "5,001 characters" in message
        assert "at most 5,000" in message

    def test_as_many_items_as_are_allowed(self) -> None:
        text = "\n".join(["2 kg rice"] * MAX_LINES)

        assert len(parse_list(clean_list(text)).requested) == 100

    def test_what_is_no_item_is_kept_to_tell_the_customer(self) -> None:
        parsed = parse_list("2 kg rice\nVegetables:\n3 eggs")

        assert [line.name for line in parsed.requested] == ["rice", "eggs"]
        assert [line.text for line in parsed.not_understood] == ["Vegetables"]

    def test_what_is_read_and_not_bought_says_why(self) -> None:
        parsed = parse_list("Rice 5kg\nno onions\n~milk~\ntoilet roll x 1000000")

        assert [line.name for line in parsed.requested] == ["Rice"]
        assert [(line.text, line.reason) for line in parsed.not_understood] == [
            ("no onions", "You asked us not to buy this."),
            ("~milk~", "This is struck out, so it is not bought."),
            (
                "toilet roll x 1000000",
                "The amount is zero or too large. Please say how much you need.",
            ),
        ]

    def test_a_list_of_impossible_amounts_is_refused_for_them(self) -> None:
        assert "zero or too large" in refusal_of(groceryList="toilet roll x 1000000")

    def test_a_price_stays_with_its_line(self) -> None:
        line = parse_list("beans 500").requested[0]

        assert (line.quantity, line.price, line.price_kobo, line.price_currency, line.notes) == (
            1,
            "500",
            50_000,
            "NGN",
            ["500"],
        )

    def test_a_price_in_foreign_money_says_its_currency(self) -> None:
        line = parse_list("milk 95p").requested[0]

        assert (line.price, line.price_kobo, line.price_currency) == ("95p", None, "GBP")

    def test_one_item_more_is_refused_with_the_limit(self) -> None:
        assert "more than 100 items" in refusal_of(groceryList="2 kg rice\n" * 101)

    def test_characters_count_before_blanks_are_cut(self) -> None:
        assert "5,010 characters" in refusal_of(groceryList="rice" + " " * 5_006)

    @pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028"])
    def test_every_kind_of_line_break_separates_items(self, break_: str) -> None:
        assert clean_list(f"2 kg rice{break_}1 l oil") == "2 kg rice\n1 l oil"

    def test_control_characters_are_dropped_and_tabs_kept(self) -> None:
        assert clean_list("\x1b2 kg\trice\x00\x7f\x9f\ud800") == "2 kg\trice"

    def test_words_of_other_languages_and_emoji_are_kept(self) -> None:
        assert clean_list("2 kg ẹ̀wà oloyin 🍚") == "2 kg ẹ̀wà oloyin 🍚"

    @given(st.text(max_size=200))
    def test_a_list_is_refused_or_clean_and_storable(self, text: str) -> None:
        try:
            cleaned = clean_list(text)
        except InvalidOrder:
            return
        assert cleaned == cleaned.strip()
        assert cleaned.encode()
        assert clean_list(cleaned) == cleaned
        assert not [
            character for character in cleaned if character < " " and character not in "\n\t"
        ]


class TestOrderIds:
    def test_the_same_customer_and_key_give_the_same_order(self) -> None:
        first, second = (order_id_for(a_submission(idempotencyKey="basket-1")) for _ in range(2))

        assert first == second
        assert uuid.UUID(first).version == 5

    def test_they_do_so_for_all_time(self) -> None:
        # Fails when namespace or scheme change, which would turn repetitions into new orders.
        assert order_id_for(a_submission(idempotencyKey="basket-1")) == (
            "9c48699a-7523-50f5-bc58-023d1ad4fc09"
        )

    def test_another_key_gives_another_order(self) -> None:
        assert order_id_for(a_submission(idempotencyKey="basket-1")) != order_id_for(
            a_submission(idempotencyKey="basket-2")
        )

    def test_the_same_key_of_another_customer_gives_another_order(self) -> None:
        other = read_submission("another-customer", fields(idempotencyKey="basket-1"))

        assert order_id_for(other) != order_id_for(a_submission(idempotencyKey="basket-1"))

    def test_without_a_key_every_submission_is_an_order_of_its_own(self) -> None:
        assert order_id_for(a_submission()) != order_id_for(a_submission())


def executions(state_machine_arn: str) -> list[dict[str, Any]]:
    """Every execution with its input."""
    sfn = aws.step_functions()
    return [
        {"name": each["name"], "input": json.loads(described["input"])}
        for each in sfn.list_executions(stateMachineArn=state_machine_arn)["executions"]
        for described in [sfn.describe_execution(executionArn=each["executionArn"])]
    ]


class TestBusy:
    @pytest.mark.parametrize(
        "error",
        [
            client_error("ThrottlingException"),
            client_error("ExecutionLimitExceeded"),
            client_error("KmsThrottlingException"),
            client_error("ServiceUnavailable", 503),
            ReadTimeoutError(endpoint_url="https://states.example"),
        ],
        ids=str,
    )
    def test_a_busy_step_functions_is_no_fault_of_ours(
        self, store: OrderStore, state_machine_arn: str, fail_calls: FailCalls, error: Exception
    ) -> None:
        fail_calls(aws.step_functions(), "StartExecution", error)

        with pytest.raises(ProviderUnavailableError):
            accept(a_submission(), aws.step_functions(), store, state_machine_arn, admit_all)

    def test_a_refused_permission_is(
        self, store: OrderStore, state_machine_arn: str, fail_calls: FailCalls
    ) -> None:
        refusal = client_error("AccessDeniedException")
        fail_calls(aws.step_functions(), "StartExecution", refusal)

        with pytest.raises(type(refusal), match="AccessDeniedException"):
            accept(a_submission(), aws.step_functions(), store, state_machine_arn, admit_all)

    def test_the_same_submission_later_makes_one_order_although_its_answer_was_lost(
        self, store: OrderStore, state_machine_arn: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submission = a_submission(idempotencyKey="basket-1")
        sfn = aws.step_functions()
        start = sfn.start_execution

        def start_and_lose_the_answer(**asked: Any) -> None:
            start(**asked)
            raise ReadTimeoutError(endpoint_url="https://states.example")

        with monkeypatch.context() as patch:
            patch.setattr(sfn, "start_execution", start_and_lose_the_answer)
            with pytest.raises(ProviderUnavailableError):
                accept(submission, sfn, store, state_machine_arn, admit_all)

        accepted = accept(submission, sfn, store, state_machine_arn, admit_all)

        assert [each["name"] for each in executions(state_machine_arn)] == [accepted.order_id]


class TestAccepting:
    def test_the_execution_is_named_after_the_order_and_holds_all_of_it(
        self, store: OrderStore, state_machine_arn: str
    ) -> None:
        submission = a_submission(customerName="Zoë", idempotencyKey="basket-1")

        accepted = accept(submission, aws.step_functions(), store, state_machine_arn, admit_all)

        assert accepted.status is OrderStatus.PENDING_MATCHING
        assert accepted.execution_arn == execution_arn(state_machine_arn, accepted.order_id)
        assert executions(state_machine_arn) == [
            {
                "name": accepted.order_id,
                "input": {
                    "orderId": accepted.order_id,
                    "customerId": CUSTOMER_ID,
                    "customerEmail": CUSTOMER_EMAIL,
                    "customerName": "Zoë",
                    "groceryList": GROCERY_LIST,
                },
            }
        ]

    def test_nothing_else_is_written(self, store: OrderStore, state_machine_arn: str) -> None:
        accept(a_submission(), aws.step_functions(), store, state_machine_arn, admit_all)

        assert store._table.scan()["Count"] == 0

    def test_repeated_while_it_runs_it_is_the_same_order(
        self, store: OrderStore, state_machine_arn: str
    ) -> None:
        submission = a_submission(idempotencyKey="basket-1")

        first, second = (
            accept(submission, aws.step_functions(), store, state_machine_arn, admit_all)
            for _ in range(2)
        )

        assert first == second
        assert len(executions(state_machine_arn)) == 1

    def test_repeated_after_its_end_the_order_answers_where_it_stands(
        self, store: OrderStore, state_machine_arn: str
    ) -> None:
        submission = a_submission(idempotencyKey="basket-1")
        first = accept(submission, aws.step_functions(), store, state_machine_arn, admit_all)
        aws.step_functions().stop_execution(executionArn=first.execution_arn)
        expired = an_order(order_id=first.order_id, status=OrderStatus.EXPIRED)
        stored(store, expired.model_copy(update={"execution_arn": first.execution_arn}))

        second = accept(submission, aws.step_functions(), store, state_machine_arn, admit_all)

        assert second == first.model_copy(update={"status": OrderStatus.EXPIRED})
        assert len(executions(state_machine_arn)) == 1

    def test_repeated_before_its_record_is_written_it_is_pending(
        self, store: OrderStore, state_machine_arn: str
    ) -> None:
        submission = a_submission(idempotencyKey="basket-1")
        first = accept(submission, aws.step_functions(), store, state_machine_arn, admit_all)
        aws.step_functions().stop_execution(executionArn=first.execution_arn)

        assert (
            accept(submission, aws.step_functions(), store, state_machine_arn, admit_all) == first
        )

    def test_repeated_with_another_name_it_is_the_same_order(
        self, store: OrderStore, state_machine_arn: str
    ) -> None:
        first = accept(
            a_submission(idempotencyKey="basket-1"),
            aws.step_functions(),
            store,
            state_machine_arn,
            admit_all,
        )
        stored(store, an_order(order_id=first.order_id, execution_arn=first.execution_arn))

        second = accept(
            a_submission(idempotencyKey="basket-1", customerName="Ada"),
            aws.step_functions(),
            store,
            state_machine_arn,
            admit_all,
        )

        assert (second.order_id, second.execution_arn) == (first.order_id, first.execution_arn)

    def test_the_same_key_with_another_list_is_refused(
        self, store: OrderStore, state_machine_arn: str
    ) -> None:
        first = accept(
            a_submission(idempotencyKey="basket-1"),
            aws.step_functions(),
            store,
            state_machine_arn,
            admit_all,
        )
        stored(store, an_order(order_id=first.order_id))
        other = a_submission(idempotencyKey="basket-1", groceryList="3 yams")

        with pytest.raises(IdempotencyKeyReusedError, match="new key"):
            accept(other, aws.step_functions(), store, state_machine_arn, admit_all)

        assert len(executions(state_machine_arn)) == 1

    def test_a_refusal_of_step_functions_is_not_mistaken_for_a_repetition(
        self, store: OrderStore, state_machine_arn: str, fail_calls: FailCalls
    ) -> None:
        refusal = client_error("AccessDeniedException")
        fail_calls(aws.step_functions(), "StartExecution", refusal)

        with pytest.raises(type(refusal), match="AccessDeniedException"):
            accept(a_submission(), aws.step_functions(), store, state_machine_arn, admit_all)

    def test_a_repetition_while_dynamodb_is_out_is_no_new_order(
        self, store: OrderStore, state_machine_arn: str, fail_calls: FailCalls
    ) -> None:
        fail_calls(aws.step_functions(), "StartExecution", client_error("ExecutionAlreadyExists"))
        fail_calls(store._table.meta.client, "GetItem", client_error("ThrottlingException"))

        with pytest.raises(StoreUnavailable):
            accept(
                a_submission(idempotencyKey="basket-1"),
                aws.step_functions(),
                store,
                state_machine_arn,
                admit_all,
            )

    def test_a_new_order_is_counted_before_it_is_made(
        self, store: OrderStore, state_machine_arn: str
    ) -> None:
        admit = Admitted()

        accepted = accept(a_submission(), aws.step_functions(), store, state_machine_arn, admit)

        assert admit.orders == [(CUSTOMER_ID, accepted.order_id)]

    @pytest.mark.parametrize("key", [None, "basket-1"])
    def test_a_refused_order_leaves_no_trace(
        self, store: OrderStore, state_machine_arn: str, key: str | None
    ) -> None:
        admit = Admitted()
        admit.is_full = True

        with pytest.raises(RetryLaterError):
            accept(
                a_submission(idempotencyKey=key),
                aws.step_functions(),
                store,
                state_machine_arn,
                admit,
            )

        assert executions(state_machine_arn) == []
        assert store.newest(None, 1) == []

    def test_the_repeat_of_an_order_with_a_record_is_neither_counted_nor_refused(
        self, store: OrderStore, state_machine_arn: str
    ) -> None:
        admit, submission = Admitted(), a_submission(idempotencyKey="basket-1")
        sfn = aws.step_functions()
        first = accept(submission, sfn, store, state_machine_arn, admit)
        stored(store, an_order(order_id=first.order_id, execution_arn=first.execution_arn))
        admit.is_full = True

        again = accept(submission, sfn, store, state_machine_arn, admit)

        assert (again.order_id, again.execution_arn) == (first.order_id, first.execution_arn)
        assert len(admit.orders) == 1

    def test_a_new_order_is_accepted_while_dynamodb_is_out(
        self, store: OrderStore, state_machine_arn: str, fail_calls: FailCalls
    ) -> None:
        fail_calls(store._table.meta.client, "GetItem", client_error("InternalServerError"))
        submission = a_submission(idempotencyKey="basket-1")

        accepted = accept(submission, aws.step_functions(), store, state_machine_arn, admit_all)

        assert [each["name"] for each in executions(state_machine_arn)] == [accepted.order_id]

    def test_the_answer_uses_graphqls_names(self) -> None:
        accepted = Accepted(
            order_id="o", status=OrderStatus.PENDING_MATCHING, execution_arn="arn:x"
        )

        assert accepted.model_dump(by_alias=True, mode="json") == {
            "orderId": "o",
            "status": "PENDING_MATCHING",
            "executionArn": "arn:x",
        }


def test_the_arn_of_an_execution_follows_from_its_name() -> None:
    assert execution_arn(STATE_MACHINE_ARN, "order-1") == (
        "arn:aws:states:eu-west-1:123456789012:execution:grocery-orders:order-1"
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("0 kg rice", "Line 1"),
        ("\n\n0 kg rice", "Line 3"),
        ("0 kg rice, 0 eggs\n\n0 kg beans", "Lines 1, 3"),
        ("\n".join(["0 eggs"] * 12), "Lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more"),
    ],
)
def test_a_list_of_impossible_amounts_alone_is_refused_by_its_lines(text: str, where: str) -> None:
    with pytest.raises(InvalidOrder) as refusal:
        clean_list(text)

    assert str(refusal.value).startswith(f"{where}: the amount is zero or too large.")
    assert "rice, 0" not in str(refusal.value)
