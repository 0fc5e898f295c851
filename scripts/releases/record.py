"""What belongs together in a release, as each deployment records it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field


class Release(BaseModel):
    """One deployment's versions.

    Attributes:
        name: the version, and the commit where it is known.
        machine_version: the ARN of the state machine's version.
        functions: the version of each function, by its name on AWS.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    name: str = Field(alias="release")
    machine_version: str = Field(alias="stateMachine")
    functions: dict[str, str]

    @property
    def number(self) -> int:
        """The number of the state machine's version."""
        return int(self.machine_version.rpartition(":")[2])

    @classmethod
    def current(cls, ssm: Any, parameter: str) -> Self:
        """What was deployed last."""
        return cls.model_validate_json(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])

    @classmethod
    def history(cls, ssm: Any, parameter: str) -> list[Self]:
        """All that were recorded, the oldest first; those rolled back by CloudFormation too."""
        pages = ssm.get_paginator("get_parameter_history").paginate(Name=parameter)
        return [
            cls.model_validate_json(each["Value"]) for page in pages for each in page["Parameters"]
        ]


def before(history: Sequence[Release], number: int) -> Release | None:
    """The release before the one with this version of the state machine.

    A roll-back by CloudFormation writes the earlier values again, so that a release which was
    rolled back is followed by an older one.
    """
    kept: list[Release] = []
    for each in history:
        while kept and kept[-1].number >= each.number:
            kept.pop()
        kept.append(each)
    return next((each for each in reversed(kept) if each.number < number), None)
