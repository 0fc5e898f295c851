"""Which release a roll-back goes to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scripts.releases.record import Release, before

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:grocery-dev-order"


def release(number: int) -> Release:
    return Release(name=f"0.{number}", machine_version=f"{MACHINE}:{number}", functions={})


def numbers(*found: int) -> list[Release]:
    return [release(number) for number in found]


def test_the_way_back_leads_to_the_deployment_before() -> None:
    assert before(numbers(1, 2, 3), 3) == release(2)


def test_a_release_that_was_rolled_back_is_not_gone_back_to() -> None:
    assert before(numbers(1, 2, 1, 3), 3) == release(1)


def test_the_first_release_has_none_before_it() -> None:
    assert before(numbers(1), 1) is None
    assert before([], 1) is None


@given(st.lists(st.integers(min_value=1, max_value=9), max_size=12), st.integers(1, 10))
def test_the_way_back_never_leads_forward(recorded: list[int], number: int) -> None:
    found = before(numbers(*recorded), number)

    assert found is None or found.number < number
