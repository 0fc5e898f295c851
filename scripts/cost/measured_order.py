"""What a paid order was measured to use of AWS: ``scripts/cost/measured/<build>.json``."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from scripts.cost.usage import Usage

_FOLDER: Final = Path(__file__).with_name("measured")
PRESENT: Final = "present"
#: This build on a stage that sends receipts of its own.
OWN_RECEIPTS: Final = "own-receipts"
#: The build that others are compared with.
EARLIER: Final = "80f2f6f"


class MeasuredOrder(BaseModel):
    """The mean of some orders, paid one after another, with warm functions.

    Attributes:
        measured: the day.
        orders: how many.
        calls: of services, by ``service:operation``, whether billed or not.
        custom_metrics: the metrics that functions wrote, each name and dimension once.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", populate_by_name=True)

    measured: str
    orders: int
    list: str
    transitions_to_link: int
    transitions: int
    custom_metrics: int
    calls: dict[str, float]
    usage: dict[str, dict[str, float]]

    @cached_property
    def used(self) -> Usage:
        """As amounts."""
        return Usage.from_json(self.usage)

    def called(self, service: str) -> float:
        """How many requests an order sends to a service."""
        return sum(
            number for name, number in self.calls.items() if name.partition(":")[0] == service
        )

    def save(self, build: str) -> Path:
        """Writes the file of a build."""
        path = _FOLDER / f"{build}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.model_dump_json(by_alias=True, indent=1) + "\n", encoding="utf-8")
        return path


def measured_order(build: str = PRESENT) -> MeasuredOrder:
    """The measured order of a build."""
    content = (_FOLDER / f"{build}.json").read_text(encoding="utf-8")
    return MeasuredOrder.model_validate_json(content)
