"""Accepting a grocery list: validation, the order's id, and the one durable write.

The durable write is Step Functions' StartExecution, with the order's id as the execution's name. It
deduplicates by name, so there is no second store that could disagree.
"""

from __future__ import annotations

import json
import re
import unicodedata
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

from botocore.exceptions import ClientError
from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from orderflow.errors import (
    BusinessRefusalError,
    InvalidOrder,
    OrderNotFoundError,
    ProviderUnavailableError,
    StoreUnavailable,
)
from orderflow.grocery_list.known_names import KnownNames
from orderflow.grocery_list.parser import MAX_LINES, GroceryList, parse
from orderflow.grocery_list.set_aside import Reason
from orderflow.grocery_list.size import length_problem
from orderflow.orders.lines import ParsedList, RequestedLine, UnmatchedLine
from orderflow.orders.status import OrderStatus
from orderflow.platform.aws_errors import error_code, outages_as
from orderflow.records import Record
from orderflow.validation import problems_in_words
from orderflow.workflow.executions import execution_arn

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from orderflow.orders.model import Order
    from orderflow.orders.ports import Orders

#: The reason for text that the parser does not read as an item, for the customer.
NOT_UNDERSTOOD: Final = "We could not read this as an item."
#: What a customer reads about a part of the list that is understood, and not bought.
NOT_BOUGHT: Final = {
    Reason.TALK: "We read this as a remark; there is nothing to buy.",
    Reason.ADDRESS: "We read this as an address or a telephone number; there is nothing to buy.",
    Reason.HEADING: "We read this as a heading; there is nothing to buy.",
    Reason.MONEY: "We read this as a sum of money; there is nothing to buy.",
    Reason.REFUSED: "You asked us not to buy this.",
    Reason.STRUCK_OUT: "This is struck out, so it is not bought.",
    Reason.IMPOSSIBLE: "The amount is zero or too large. Please say how much you need.",
}

#: A refusal names so many lines.
_SHOWN_LINES: Final = 10

#: The UUID namespace of order ids that are derived from customer and idempotency key. Never change.
ORDER_NAMESPACE: Final = uuid.UUID("8f2c54b7-6a1e-5b0c-9d3e-7c1d0c9a4e21")

# As HTML's e-mail fields, with a dot in the domain. SES delivers to ASCII addresses only.
_EMAIL: Final = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+")
_IDEMPOTENCY_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


#: Counts a list of this customer that is about to become this order; refuses one too many.
Admit = Callable[[str, str], None]


class IdempotencyKeyReusedError(BusinessRefusalError):
    """The customer used this idempotency key before, for another list."""


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("This is not an e-mail address.")
    return value


def _idempotency_key(value: str) -> str:
    if not _IDEMPOTENCY_KEY.fullmatch(value):
        raise ValueError("Please use 1 to 64 letters, digits, '-', '_', '.' or ':'.")
    return value


class Submission(Record, extra="forbid"):
    """What a customer sends; ``customer_id`` is the Cognito ``sub``, ``review`` asks for one."""

    customer_id: str = Field(min_length=1)
    customer_email: Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
    grocery_list: str
    idempotency_key: Annotated[str, AfterValidator(_idempotency_key)] | None = None
    customer_name: Annotated[str, StringConstraints(max_length=100)] | None = None
    review: bool = False


class Accepted(Record):
    """An order that was accepted, with its status at that time."""

    order_id: str
    status: OrderStatus
    execution_arn: str


def read_submission(customer_id: str, fields: dict[str, object]) -> Submission:
    """Validate a submission and clean its texts of control characters.

    Raises:
        InvalidOrder: naming the field and what to change.
    """
    try:
        submission = Submission.model_validate({**fields, "customerId": customer_id})
    except ValidationError as error:
        raise InvalidOrder(problems_in_words(error)) from error
    name = submission.customer_name
    return submission.model_copy(
        update={
            "grocery_list": clean_list(submission.grocery_list),
            "customer_name": _without_controls(name, keep="").strip() or None if name else None,
        }
    )


def clean_list(text: str) -> str:
    """The list without control characters.

    Raises:
        InvalidOrder: it is empty, too long, or has too many lines.
    """
    if problem := length_problem(text):
        raise InvalidOrder(problem)
    cleaned = _without_controls("\n".join(text.splitlines()), keep="\n\t")
    if not cleaned.strip():
        raise InvalidOrder("The list is empty. Please write at least one item.")
    parse_list(cleaned)  # with the blank lines above: a refusal numbers lines as they were written
    return cleaned.strip()


def parse_list(text: str, vocabulary: KnownNames | None = None) -> ParsedList:
    """Parse a list into its lines, with the catalog's names where they are at hand.

    Raises:
        InvalidOrder: nothing in it is an item, or it has too many lines.
    """
    parsed = parse(text, vocabulary)
    if not parsed.lines:
        raise InvalidOrder(_nothing_to_buy(text, parsed))
    if parsed.truncated:
        raise InvalidOrder(
            f"The list has more than {MAX_LINES} items. Please split it into several orders."
        )
    reasons = {part.span: NOT_BOUGHT[part.reason] for part in parsed.set_aside}
    return ParsedList(
        requested=[
            RequestedLine(
                text=line.text,
                name=line.name,
                quantity=line.quantity,
                unit=line.unit,
                notes=list(line.notes),
                size_quantity=line.size_quantity,
                size_unit=line.size_unit or None,
                price=line.price or None,
                price_kobo=line.price_kobo,
                price_currency=line.price_currency or None,
            )
            for line in parsed.lines
        ],
        not_understood=[
            UnmatchedLine(text=text[slice(*span)], reason=reasons.get(span, NOT_UNDERSTOOD))
            for span in parsed.not_understood
        ],
    )


def _nothing_to_buy(text: str, parsed: GroceryList) -> str:
    """Why there is nothing to buy; lines by their numbers, since executions keep this message."""
    impossible = [part.span for part in parsed.set_aside if part.reason == Reason.IMPOSSIBLE]
    if not impossible:
        return "We could not find any item on the list. Please write items such as '2 kg rice'."
    numbers = list(dict.fromkeys(text.count("\n", 0, start) + 1 for start, _ in impossible))
    shown = ", ".join(map(str, numbers[:_SHOWN_LINES]))
    more = f" and {len(numbers) - _SHOWN_LINES} more" if len(numbers) > _SHOWN_LINES else ""
    where = f"Line {shown}" if len(numbers) == 1 else f"Lines {shown}{more}"
    return (
        f"{where}: the amount is zero or too large. Please write how much you need, such as "
        "'2 kg rice'."
    )


def _without_controls(text: str, keep: str) -> str:
    # Cc: control characters; Cs: lone surrogates, which no store can hold.
    return "".join(
        character
        for character in text
        if character in keep or unicodedata.category(character) not in {"Cc", "Cs"}
    )


def order_id_for(submission: Submission) -> str:
    """The order's id: the same for the same customer and idempotency key, else a fresh one."""
    if submission.idempotency_key is None:
        return str(uuid.uuid4())
    return str(
        uuid.uuid5(ORDER_NAMESPACE, f"{submission.customer_id}:{submission.idempotency_key}")
    )


def accept(
    submission: Submission,
    sfn: SFNClient,
    store: Orders,
    state_machine_arn: str,
    admit: Admit,
    *,
    synthetic: bool = False,
) -> Accepted:
    """Start the order's execution, or find the one that an earlier, equal submission started.

    Args:
        submission: the list.
        sfn: Step Functions.
        store: the orders.
        state_machine_arn: what executions are started with.
        admit: counts new orders. It has to remember the last ones: an order that is accepted has no
            record until its first state has run.
        synthetic: marks the order as the canary's.

    Raises:
        IdempotencyKeyReusedError: the earlier submission held another list.
        RetryLaterError: ``admit`` refuses; no order was made.
        ProviderUnavailableError: Step Functions or DynamoDB throttle or do not answer. With an
            idempotency key the submission can be repeated.
    """
    order_id = order_id_for(submission)
    if submission.idempotency_key is not None and (recorded := _recorded(order_id, store)):
        return _repeated(submission, recorded, state_machine_arn)
    admit(submission.customer_id, order_id)
    # Nothing that differs between attempts, or Step Functions would not recognise a repetition.
    execution_input: dict[str, object] = {
        "orderId": order_id,
        "customerId": submission.customer_id,
        "customerEmail": submission.customer_email,
        "customerName": submission.customer_name,
        "groceryList": submission.grocery_list,
    }
    if submission.review:
        execution_input["review"] = True
    if synthetic:
        execution_input["synthetic"] = True
    try:
        with outages_as(ProviderUnavailableError, "Step Functions"):
            started = sfn.start_execution(
                stateMachineArn=state_machine_arn,
                name=order_id,
                input=json.dumps(execution_input, ensure_ascii=False),
            )
    except ClientError as error:
        if error_code(error) != "ExecutionAlreadyExists":
            raise
        return _earlier(submission, order_id, store, state_machine_arn)
    arn = started["executionArn"]
    return Accepted(order_id=order_id, status=OrderStatus.PENDING_MATCHING, execution_arn=arn)


def _recorded(order_id: str, store: Orders) -> Order | None:
    """The order, if an earlier submission made it and its record is there.

    Acceptance does not depend on DynamoDB: without it, Step Functions recognises a repetition.
    """
    try:
        return store.get(order_id)
    except (OrderNotFoundError, StoreUnavailable):
        return None


def _earlier(
    submission: Submission, order_id: str, store: Orders, state_machine_arn: str
) -> Accepted:
    try:
        order = store.get(order_id)
    except OrderNotFoundError:
        # Its first state has not written the order yet.
        arn = execution_arn(state_machine_arn, order_id)
        return Accepted(order_id=order_id, status=OrderStatus.PENDING_MATCHING, execution_arn=arn)
    return _repeated(submission, order, state_machine_arn)


def _repeated(submission: Submission, order: Order, state_machine_arn: str) -> Accepted:
    if order.grocery_list != submission.grocery_list:
        raise IdempotencyKeyReusedError(
            "This idempotency key was used for another list. Please send a new key with a new list."
        )
    return Accepted(
        order_id=order.order_id,
        status=order.status,
        execution_arn=order.execution_arn or execution_arn(state_machine_arn, order.order_id),
    )
