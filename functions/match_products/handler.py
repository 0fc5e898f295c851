"""MatchProducts and MatchByName: products and prices for an order's lines."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orderflow.breakers.factory import breaker_for
from orderflow.catalog.aliases import AliasStore
from orderflow.catalog.store import CatalogStore
from orderflow.matching.basket import IndexCache, Shop, fill_basket
from orderflow.matching.bedrock import ConverseChooser, Guardrail
from orderflow.matching.chooser import Chooser
from orderflow.matching.guarded import BEDROCK, guarded_chooser
from orderflow.matching.tunables import Tunables, load_tunables
from orderflow.orders.store import OrderStore
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    BreakerEnvironment,
    CatalogEnvironment,
    OrdersEnvironment,
    load_environment,
)
from orderflow.platform.observability import logger, metrics
from orderflow.platform.tracing import tracer

snapshots.prepare(aws.dynamodb, aws.bedrock_runtime, aws.ssm_parameters)


class MatchEnvironment(OrdersEnvironment, CatalogEnvironment, BreakerEnvironment):
    """What this function needs."""


@cache
def _index_cache() -> IndexCache:
    return IndexCache()


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{orderId, useModel}`` -> ``{orderId, matchedCount, unmatchedCount, totalKobo}``.

    With ``useModel`` the event holds ``breaker`` and ``retryCount``, too.
    """
    environment = load_environment(MatchEnvironment)
    tunables = load_tunables(environment.tunables_parameter)
    logger.append_keys(order_id=event["orderId"])
    order, usage = fill_basket(
        event["orderId"],
        OrderStore(aws.table(environment.orders_table), by="MatchProducts"),
        _shop(environment.catalog_table),
        tunables,
        _chooser(tunables, event, environment) if event["useModel"] else None,
    )
    metrics.add_metric("ModelInputTokens", MetricUnit.Count, usage.input_tokens)
    metrics.add_metric("ModelOutputTokens", MetricUnit.Count, usage.output_tokens)
    return {
        "orderId": order.order_id,
        "matchedCount": len(order.lines),
        "unmatchedCount": len(order.unmatched),
        "totalKobo": order.total_kobo,
    }


def _shop(table_name: str) -> Shop:
    table = aws.table(table_name)
    return Shop(CatalogStore(table), AliasStore(table), _index_cache())


def _chooser(tunables: Tunables, event: dict[str, Any], environment: MatchEnvironment) -> Chooser:
    guardrail = (
        Guardrail(tunables.guardrail_id, tunables.guardrail_version)
        if tunables.guardrail_id
        else None
    )
    return guarded_chooser(
        ConverseChooser(aws.bedrock_runtime(), tunables.model_id, guardrail),
        breaker_for(BEDROCK, event, environment, by="MatchProducts"),
    )
