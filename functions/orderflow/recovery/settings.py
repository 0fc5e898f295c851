"""The settings of recovery: rates, intervals and ages."""

from __future__ import annotations

from pydantic import Field

from orderflow.platform.parameters import load_parameter
from orderflow.records import Record


class RecoverySettings(Record, extra="forbid"):
    """Settings that operations can change while the system runs (one SSM parameter, JSON).

    ``resume_rate_per_second`` bounds how fast a provider's parked orders are resumed once it is
    back. ``alert_interval_seconds`` is the shortest time between two alerts about the parked orders
    of one provider. The reconciler examines orders that have not moved for ``stuck_after_seconds``.
    """

    # PayStack makes 20 links a second, and new orders need some of them:
    # https://paystack.com/docs/api/rate-limits/.
    resume_rate_per_second: float = Field(default=10, gt=0, le=1000)
    alert_interval_seconds: int = Field(default=3600, ge=0)
    stuck_after_seconds: int = Field(default=900, ge=60)


def load_recovery_settings(parameter_name: str) -> RecoverySettings:
    """The recovery's settings; see :func:`load_parameter`."""
    return load_parameter(parameter_name, RecoverySettings)
