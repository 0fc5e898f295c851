"""refund_payment: gives a payment back through PayStack, for operators' `orders refunds create`.

Operators' machines have no PayStack key; their roles may invoke this function.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.errors import (
    BreakerOpen,
    OrderNotFoundError,
    ProviderUnavailableError,
    RefundRefusedError,
)
from orderflow.payments.reversals.refunding import RefundRequest
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.inquiries import refunding

Answer = dict[str, Any]


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """A :class:`RefundRequest`, with ``dryRun`` or ``look`` -> ``{outcome, ...}``.

    ``outcome`` is ``planned`` with a ``plan``, ``shown`` with the ``payment`` as PayStack has it,
    ``made`` with a ``refund``, or ``refused``, ``unknown-order`` or ``unavailable`` with a
    ``message``.
    """
    request = RefundRequest.model_validate(event)
    logger.append_keys(order_id=request.order_id)
    try:
        answer = _answer(request, event)
    except RefundRefusedError as error:
        answer = {"outcome": "refused", "message": str(error)}
    except OrderNotFoundError:
        answer = {"outcome": "unknown-order", "message": f"There is no order {request.order_id}."}
    except (BreakerOpen, ProviderUnavailableError) as error:
        answer = {"outcome": "unavailable", "message": f"{type(error).__name__}: {error}"}
    metrics.add_metric(
        f"RefundRequests{answer['outcome'].title().replace('-', '')}", MetricUnit.Count, 1
    )
    return answer


def _answer(request: RefundRequest, event: dict[str, Any]) -> Answer:
    if event.get("look"):
        payment = refunding().look(request)
        return {"outcome": "shown", "payment": payment.model_dump(by_alias=True, mode="json")}
    if event.get("dryRun"):
        plan = refunding().plan(request)
        return {"outcome": "planned", "plan": plan.model_dump(by_alias=True, mode="json")}
    refund = refunding().carry_out(request)
    return {"outcome": "made", "refund": refund.model_dump(by_alias=True, mode="json")}
