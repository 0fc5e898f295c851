"""What a stage's settings say of the steps after its deployment."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from cdk.settings import Settings
from scripts.bootstrap.stage import stage_steps
from scripts.bootstrap.steps import Finding, State


def receipts(*, own_receipts: bool) -> Finding:
    settings = Settings.for_stage("dev", {}).model_copy(update={"own_receipts": own_receipts})
    (step,) = [
        each for each in stage_steps(settings, Mock(), Mock()) if each.name == "PayStack's receipts"
    ]
    return step.look()


@pytest.mark.parametrize(("own_receipts", "state"), [(False, State.BY_HAND), (True, State.READY)])
def test_paystacks_receipts_are_to_be_checked_where_the_stage_sends_none(
    own_receipts: bool, state: State
) -> None:
    assert receipts(own_receipts=own_receipts).state is state
