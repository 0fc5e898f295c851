"""MatchProducts and MatchByName: products and prices for an order's lines."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.matching.chooser import Answer, Unanswered
from orderflow.platform.observability import count, logger, metrics
from orderflow.platform.tracing import traced
from orderflow.wiring.matching import basket_filling, refusal_alerts

_UNANSWERED_METRICS: Final = {
    Unanswered.UNAVAILABLE: "ModelLinesUnavailable",
    Unanswered.NOT_UNDERSTOOD: "ModelLinesNotUnderstood",
    Unanswered.BLOCKED: "ModelLinesBlocked",
}


@logger.inject_lambda_context(clear_state=True)
@traced
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, useModel}`` -> ``{orderId, matchedCount, ..., totalKobo, pending, toReview}``.

    With ``useModel`` the event holds ``breaker`` and ``retryCount``, too. ``pending`` is null, or
    says of an order without any match why its lines have to be looked up later. ``toReview`` says
    whether the customer is to confirm the products.
    """
    logger.append_keys(order_id=event["orderId"])
    basket = basket_filling(event)(event["orderId"])
    _report(basket.answer)
    order = basket.order
    return {
        "orderId": order.order_id,
        "matchedCount": len(order.lines),
        "unmatchedCount": len(order.unmatched),
        "totalKobo": order.total_kobo,
        "pending": basket.pending,
        "toReview": order.needs_review,
    }


def _report(answer: Answer) -> None:
    count("ModelInputTokens", answer.usage.input_tokens)
    count("ModelOutputTokens", answer.usage.output_tokens)
    for why, lines in Counter(answer.unanswered.values()).items():
        count(_UNANSWERED_METRICS[why], lines)
    if answer.refusal:
        refusal_alerts().alert(answer.refusal)
