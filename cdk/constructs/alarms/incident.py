"""Incidents: the alarms that one outage sets off, and that page once together."""

from dataclasses import dataclass
from enum import Enum

from cdk.alarm_names import PROVIDER_OUT


@dataclass(frozen=True)
class _Incident:
    title: str
    what: str
    runbook: str


class Incident(Enum):
    """What has happened, for whom, and where to begin.

    An alarm of an incident does not page: the incident does, once, when the first of its alarms
    begins. The values' ``title`` is the end of the name of the composite alarm.
    """

    PROVIDER_OUT = _Incident(
        PROVIDER_OUT,
        "PayStack or Bedrock does not serve us, or did not until minutes ago. Orders that wait go "
        "on by themselves after an outage; a refusal is ours to mend.",
        "provider-outage.md",
    )
    ORDERS_FAIL = _Incident(
        "OrdersFail",
        "Executions of orders fail, or orders stand still without a reason.",
        "failed-executions.md",
    )
    SERVICE_DEGRADED = _Incident(
        "ServiceDegraded",
        "Customers wait too long or get errors, and neither a provider nor failed executions are "
        "the reason.",
        "service-degraded.md",
    )
    DEAD_LETTERS = _Incident(
        "DeadLetters",
        "Messages or events could not be handled, and are kept.",
        "poison-messages.md",
    )
    ATTACK = _Incident(
        "Attack",
        "Requests are refused that no customer, app or provider of ours sends.",
        "waf.md",
    )
    AUDIT_INCOMPLETE = _Incident(
        "AuditIncomplete",
        "Audit lines are lost, or not collected.",
        "security-alarms.md",
    )

    @property
    def title(self) -> str:
        """The incident in a name."""
        return self.value.title

    @property
    def what(self) -> str:
        """The incident in a sentence."""
        return self.value.what

    @property
    def runbook(self) -> str:
        """The runbook's file, in docs/runbooks."""
        return self.value.runbook
