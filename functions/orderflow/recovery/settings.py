"""How parked and stuck orders are looked after."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from orderflow.platform.parameters import load_parameter
from orderflow.records import Model


class RecoverySettings(Model):
    """How parked and stuck orders are looked after (one SSM parameter, JSON).

    ``resume_rate_per_second`` bounds how fast a provider's parked orders go on once it is back;
    ``alert_interval_seconds`` is the shortest time between two alerts about the same provider's
    parked orders; an order that has not moved for ``stuck_after_seconds`` is looked into.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    resume_rate_per_second: float = Field(default=20, gt=0, le=1000)
    alert_interval_seconds: int = Field(default=3600, ge=0)
    stuck_after_seconds: int = Field(default=900, ge=60)


def load_recovery_settings(parameter_name: str) -> RecoverySettings:
    """The recovery's settings; see :func:`load_parameter`."""
    return load_parameter(parameter_name, RecoverySettings)
