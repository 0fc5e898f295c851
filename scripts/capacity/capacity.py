"""What breaks first at a rate of orders: the measured order's demand against the quotas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from orderflow.orders.store import SHARDS
from orderflow.recovery.settings import RecoverySettings
from scripts.capacity.quotas import Quota, quota_table
from scripts.cost.measured_order import MeasuredOrder
from scripts.cost.usage import Unit

#: The memory of the functions that don't have half a GB.
_MEMORY_GB: Final = {"match-products": 1.0}
#: Of a stream whose table is new: DynamoDB begins with 4,000 write units, 1,000 a partition.
_STREAM_SHARDS: Final = 4
#: PayStack is asked to verify the payment, and when the customer comes back.
_VERIFICATIONS: Final = 2
#: A payment answers the token of its order.
_TASK_TOKENS: Final = 1
_BREAKERS: Final = 2


@dataclass(frozen=True)
class ModelUse:
    """How often orders ask the model, and for how many tokens each time.

    Attributes:
        share: of the orders; all where nothing is remembered yet.
        tokens: read and written.
    """

    share: float = 1.0
    tokens: int = 460


@dataclass(frozen=True)
class Limit:
    """A quota beside what orders need of it.

    Attributes:
        demand: of one order a second, in the quota's unit.
        rate: the orders a second that reach it; infinite where orders don't need it.
    """

    quota: Quota
    demand: float

    @property
    def rate(self) -> float:
        """See the class."""
        return self.quota.limit / self.demand if self.demand else float("inf")

    def used(self, rate: float) -> float:
        """The part of the quota that this rate takes: more than one is too much."""
        return self.demand * rate / self.quota.limit


@dataclass(frozen=True)
class Plan:
    """The limits of a rate, the one that is reached first at the beginning."""

    rate: float
    limits: tuple[Limit, ...]

    @property
    def broken(self) -> tuple[Limit, ...]:
        """Those that the rate exceeds."""
        return tuple(limit for limit in self.limits if limit.used(self.rate) > 1)

    def recovery_seconds(self, parked: int, settings: RecoverySettings) -> float:
        """How long so many parked orders take to go on, while new ones come at the plan's rate.

        They are resumed at a bounded rate, and by no more than what the quotas leave to them;
        infinite where these leave nothing. E-mails don't count: orders go on without.
        """
        others = [limit for limit in self.limits if not limit.quota.name.startswith("ses.")]
        left = min(limit.rate for limit in others) - self.rate
        rate = min(settings.resume_rate_per_second, left)
        return parked / rate if rate > 0 else float("inf")


def plan(measured: MeasuredOrder, rate: float, model: ModelUse | None = None) -> Plan:
    """What the quotas say to so many orders a second.

    Args:
        measured: what one order needs.
        rate: orders a second.
        model: how often they ask the model.
    """
    needed = demands(measured, model or ModelUse())
    limits = [Limit(quota, needed[quota.name]) for quota in quota_table().quotas]
    return Plan(rate, tuple(sorted(limits, key=lambda limit: limit.rate)))


def demands(measured: MeasuredOrder, model: ModelUse) -> dict[str, float]:
    """What one order a second needs of each quota, by the quota's name."""
    used = measured.used
    seconds = {
        name: amount / _MEMORY_GB.get(name, 0.5)
        for name, amount in used.by_detail(Unit.FUNCTION_GB_SECONDS).items()
    }
    writes = used.by_detail(Unit.WRITES)
    emails = used.of(Unit.EMAILS)
    return {
        "states.start-execution": 1.0,
        "states.transitions": used.of(Unit.TRANSITIONS),
        "states.task-tokens": float(_TASK_TOKENS),
        "lambda.concurrency": sum(seconds.values()),
        "lambda.scaling": max(seconds.values()),
        "dynamodb.table-writes": max(writes.values()),
        "dynamodb.partition-writes": writes.get("orders/byStatusShard", 0.0) / SHARDS,
        "dynamodb.partition-reads": used.by_detail(Unit.READS).get("breakers", 0.0) / _BREAKERS,
        "dynamodb.stream-shard": seconds.get("publish-order-updates", 0.0) / _STREAM_SHARDS,
        "appsync.request-tokens": used.of(Unit.API_OPERATIONS),
        "appsync.outbound-messages": used.of(Unit.API_MESSAGES),
        "ses.sending-rate": emails,
        "ses.daily": emails,
        "bedrock.requests": model.share,
        "bedrock.tokens": model.share * model.tokens,
        "kms.requests": used.of(Unit.KEY_REQUESTS),
        "secretsmanager.reads": measured.called("secretsmanager"),
        "ssm.reads": measured.called("ssm"),
        "sns.publications": measured.called("sns"),
        "sqs.requests": measured.called("sqs"),
        "logs.put-events": measured.called("logs"),
        "s3.writes": measured.called("s3"),
        "cognito.user-reads": measured.called("cognito-idp"),
        "paystack.initialize": 1.0,
        "paystack.verify": float(_VERIFICATIONS),
    }
