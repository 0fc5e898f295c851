"""Orders whose changes are audited: one line for each write, also for one that is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, cast

from orderflow.errors import IllegalTransitionError
from orderflow.orders.model import Order
from orderflow.orders.ports import OrderQueries, Orders
from orderflow.platform.audit import AuditEntry, Outcome, error_name, record

_READS: Final = frozenset(name for name in vars(OrderQueries) if not name.startswith("_"))


def audited(orders: Orders, by: str) -> Orders:
    """The orders, with an audit line for each call that is not a query.

    Every method that a port of orders gains later is audited, too, unless it is a query.

    Args:
        orders: the stored orders.
        by: the actor in the lines, as in the orders' history.
    """
    return cast("Orders", _AuditedOrders(orders, by))


class _AuditedOrders:
    def __init__(self, orders: Orders, by: str) -> None:
        self._orders = orders
        self._by = by

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._orders, name)
        return method if name in _READS else partial(_write, method, self._by)


def _write(write: Callable[..., Any], by: str, *args: Any, **kwargs: Any) -> Any:
    entry = partial(
        AuditEntry, actor=by, action=f"order.{write.__name__}", subject=_order_id(args, kwargs)
    )
    try:
        result = write(*args, **kwargs)
    except Exception as error:
        refused = isinstance(error, IllegalTransitionError)
        outcome = Outcome.REFUSED if refused else Outcome.FAILED
        record(entry(outcome=outcome, reason=error_name(error)))
        raise
    record(entry(reason="", details=_details(result)))
    return result


def _order_id(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """Every write names its order first: by its id, or as it was read."""
    first = args[0] if args else kwargs.get("order_id", kwargs.get("order", kwargs.get("seen")))
    return first.order_id if isinstance(first, Order) else str(first)


def _details(result: Any) -> dict[str, Any]:
    """The order's status after the write, and whether the write changed it, as far as is known."""
    order, changed = result if isinstance(result, tuple) else (result, None)
    if isinstance(order, bool):
        order, changed = None, order
    status = {"status": str(order.status)} if isinstance(order, Order) else {}
    return status | ({} if changed is None else {"changed": changed})
