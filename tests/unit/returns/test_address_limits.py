"""One address causes so many requests in each window of time."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderflow.errors import StoreUnavailable
from orderflow.returns.address_limits import WINDOW_SECONDS, StoredAddressLimits
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ADDRESS = "198.51.100.7"


class Caller:
    """One process, at a time that the test sets."""

    def __init__(self, table: Table, limit: int = 2) -> None:
        self.now = WINDOW_SECONDS * 1000 * 1_000_000
        self.limits = StoredAddressLimits(table, limit, lambda: self.now)

    def admits(self, address: str = ADDRESS) -> bool:
        return self.limits.admit(address)


@pytest.fixture
def caller(limits_table: Table) -> Caller:
    return Caller(limits_table)


def test_a_window_admits_its_number_of_requests(caller: Caller) -> None:
    assert [caller.admits() for _ in range(4)] == [True, True, False, False]


def test_the_next_window_admits_them_again(caller: Caller) -> None:
    for _ in range(4):
        caller.admits()

    caller.now += WINDOW_SECONDS * 1000 - 1
    assert not caller.admits()
    caller.now += 1
    assert [caller.admits() for _ in range(3)] == [True, True, False]


def test_processes_count_together(limits_table: Table) -> None:
    assert [Caller(limits_table).admits() for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("other", "is_another"),
    [
        ("198.51.100.8", True),
        ("::ffff:198.51.100.7", False),
        ("2001:db8::1", True),
        ("not an address", True),
        ("", True),
    ],
)
def test_addresses_are_limited_separately(caller: Caller, other: str, is_another: bool) -> None:
    for _ in range(2):
        caller.admits()

    assert caller.admits(other) is is_another


@given(host=st.integers(0, 2**64 - 1))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_addresses_of_an_ipv6_network_count_as_one(limits_table: Table, host: int) -> None:
    network = ip_network("2001:db8:0:1::/64")
    caller = Caller(limits_table, limit=1)
    # Each example has a window of its own.
    caller.now += host * WINDOW_SECONDS * 1000
    assert caller.admits(str(network[0]))

    assert not caller.admits(str(network[host]))
    assert caller.admits("2001:db8:0:2::1")


def test_counters_expire_and_name_no_address(caller: Caller, limits_table: Table) -> None:
    caller.admits()

    (item,) = limits_table.scan()["Items"]
    assert item.keys() == {"caller", "requests", "ttl"}
    assert ADDRESS not in str(item["caller"])
    seconds = int(str(item["ttl"])) - caller.now // 1000
    assert WINDOW_SECONDS <= seconds <= 2 * WINDOW_SECONDS


def test_nothing_is_admitted_while_it_cant_be_counted(
    caller: Caller, limits_table: Table, fail_calls: FailCalls
) -> None:
    fail_calls(limits_table.meta.client, "UpdateItem", client_error("ThrottlingException"))

    with pytest.raises(StoreUnavailable):
        caller.admits()


def test_a_refused_permission_is_raised(
    caller: Caller, limits_table: Table, fail_calls: FailCalls
) -> None:
    denied = client_error("AccessDeniedException")
    fail_calls(limits_table.meta.client, "UpdateItem", denied)

    with pytest.raises(type(denied), match="AccessDenied"):
        caller.admits()
