"""The workflow's first step: creates the order with its parsed lines."""

from __future__ import annotations

from pydantic import Field

from orderflow.errors import InvalidOrder
from orderflow.grocery_list.known_names import KnownNames
from orderflow.orders.lines import ParsedList
from orderflow.orders.model import Order
from orderflow.orders.ports import Orders
from orderflow.orders.status import OrderStatus
from orderflow.orders.submission import parse_list
from orderflow.records import Record


class ExecutionInput(Record):
    """The execution's input, plus its ARN."""

    order_id: str = Field(min_length=1)
    customer_id: str = Field(min_length=1)
    customer_email: str
    customer_name: str | None = None
    grocery_list: str
    execution_arn: str
    review: bool = False
    synthetic: bool = False


def create_order(
    request: ExecutionInput, store: Orders, vocabulary: KnownNames | None = None
) -> Order:
    """Parse the list and write the order, or find the one that an earlier run wrote.

    An order whose list can't be parsed is written, too, so that its rejection has a record. The
    ``vocabulary`` is the catalog's names, if they are available.

    Raises:
        InvalidOrder: nothing on the list is an item, or it has too many.
        OrderAlreadyClosed: the order has ended.
    """
    refusal: InvalidOrder | None = None
    try:
        parsed = parse_list(request.grocery_list, vocabulary)
    except InvalidOrder as error:
        parsed, refusal = ParsedList(), error
    order = store.create(
        order_id=request.order_id,
        customer_id=request.customer_id,
        customer_email=request.customer_email,
        customer_name=request.customer_name,
        grocery_list=request.grocery_list,
        execution_arn=request.execution_arn,
        parsed=parsed,
        review=request.review,
        synthetic=request.synthetic,
    )
    order.refuse_if_closed()
    if order.execution_arn != request.execution_arn:  # an earlier execution has failed
        store.take_over(order.order_id, request.execution_arn)
    if refusal is not None:
        raise refusal
    if order.status is OrderStatus.FAILED and not order.requested:
        return store.record_parsed_list(order.order_id, parsed)
    return order
