"""AWS's published quotas (``quotas.json``): a dated table with its sources."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

_FILE: Final = Path(__file__).with_name("quotas.json")


class Quota(BaseModel):
    """One limit.

    Attributes:
        services: the services whose requests it limits, as requests name them.
        limit: how much of ``what``.
        burst: how much more a token bucket holds; None where nothing says.
        raised: by whom it is raised.
        remedy: what to do before it is reached.
        read: where and when the figure was read; "" where the source says it.
        assumed: what of the figure is not certain; "" where it was read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    services: tuple[str, ...]
    what: str
    limit: float = Field(gt=0)
    burst: float | None = None
    raised: str = Field(alias="raise")
    source: str = Field(pattern=r"^https://")
    remedy: str
    read: str = ""
    assumed: str = ""

    @property
    def evidence(self) -> str:
        """What to know of the figure beside its source; "" for nothing."""
        assumed = f"assumed: {self.assumed}" if self.assumed else ""
        return "; ".join(filter(None, (self.read, assumed)))


class QuotaTable(BaseModel):
    """The whole table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    looked_up: str
    region: str
    note: str
    quotas: tuple[Quota, ...]

    @property
    def services(self) -> set[str]:
        """All services that have a quota."""
        return {service for quota in self.quotas for service in quota.services}


@cache
def quota_table() -> QuotaTable:
    """The table, read once."""
    return QuotaTable.model_validate_json(_FILE.read_text(encoding="utf-8"))
