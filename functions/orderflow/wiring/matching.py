"""For ``match_products``: the catalog, and the model behind its breaker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

from orderflow.breakers.factory import breaker_for
from orderflow.breakers.rate_limits import RateLimiter
from orderflow.breakers.refusals import RefusalAlerts, RefusalKind
from orderflow.catalog.aliases import AliasStore
from orderflow.catalog.store import CatalogStore
from orderflow.matching.basket import Basket, IndexCache, Shop, fill_basket
from orderflow.matching.bedrock import ConverseChooser, Guardrail
from orderflow.matching.chooser import Chooser
from orderflow.matching.chunks import ChunkedChooser
from orderflow.matching.guarded import BEDROCK, guarded_chooser
from orderflow.matching.tunables import Tunables, load_tunables
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import (
    BreakerEnvironment,
    CatalogEnvironment,
    OperationsEnvironment,
    OrdersEnvironment,
    load_environment,
)
from orderflow.wiring import common

snapshots.prepare(aws.bedrock_runtime, aws.ssm_parameters)

_BY: Final = "MatchProducts"

_REFUSED: Final = RefusalKind(
    BEDROCK.key,
    "Amazon Bedrock refuses our requests",
    consequence="Orders are matched by name; one of which names match nothing waits.",
    advice=(
        "Check the model in the tunables parameter: its access and lifecycle, its region, its "
        "quotas, the guardrail and the role of match_products (docs/runbooks/"
        "provider-outage.md). Then: orders resume --all --provider bedrock"
    ),
)


class _MatchEnvironment(
    OrdersEnvironment, CatalogEnvironment, BreakerEnvironment, OperationsEnvironment
):
    """What ``match_products`` needs."""


@cache
def index_cache() -> IndexCache:
    """The catalog's index, which a warm function keeps."""
    return IndexCache()


def basket_filling(event: Mapping[str, Any]) -> Callable[[str], Basket]:
    """:func:`~orderflow.matching.basket.fill_basket`, to be called with an order's id.

    Args:
        event: the function's input: ``useModel``, and with it the breaker's snapshot.
    """
    environment = load_environment(_MatchEnvironment)
    tunables = load_tunables(environment.tunables_parameter)
    table = aws.table(environment.catalog_table)
    return partial(
        fill_basket,
        store=common.orders(environment, by=_BY),
        shop=Shop(CatalogStore(table), AliasStore(table), index_cache()),
        tunables=tunables,
        choose=_chooser(tunables, event, environment) if event["useModel"] else None,
    )


def _chooser(
    tunables: Tunables, event: Mapping[str, Any], environment: BreakerEnvironment
) -> Chooser:
    guardrail = (
        Guardrail(tunables.guardrail_id, tunables.guardrail_version)
        if tunables.guardrail_id
        else None
    )
    return guarded_chooser(
        ChunkedChooser(
            ConverseChooser(aws.bedrock_runtime(), tunables.model_id, guardrail),
            BEDROCK.call_seconds,
        ),
        breaker_for(BEDROCK, event, environment, by=_BY),
    )


def refusal_alerts() -> RefusalAlerts:
    """Alerts operations that Bedrock refuses to serve us."""
    environment = load_environment(_MatchEnvironment)
    limiter = RateLimiter(aws.table(environment.breakers_table))
    return RefusalAlerts(_REFUSED, common.alerts(environment), limiter)
