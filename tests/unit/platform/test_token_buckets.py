"""A token bucket never gives more tokens than it holds, however its callers interleave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.errors import StoreUnavailable
from orderflow.platform.dynamodb import token_buckets
from orderflow.platform.dynamodb.token_buckets import Also, Rate, Taken, TokenBucket
from tests.support.bucket_table import BucketTable, interleavings
from tests.support.factories import client_error
from tests.unit.conftest import FailCalls, RecordCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOW = 1_800_000_000_000
RATE = Rate(capacity=3, interval_ms=1000)
KEY = {"customerId": "c-1"}

rates = st.builds(Rate, capacity=st.integers(1, 5), interval_ms=st.integers(1, 50))


def bucket(table: Any) -> TokenBucket:
    return TokenBucket(table, KEY, "at")


def caller(rate: Rate, now: int, taker: str | None = None) -> Callable[[Any], Taken]:
    return lambda table: bucket(table).take(rate, now, taker=taker)


class Tokens:
    """The textbook's token bucket, in fractions of a token."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._left = Fraction(rate.capacity)
        self._at = NOW

    def take(self, now: int) -> bool:
        filled = self._left + Fraction(now - self._at, self._rate.interval_ms)
        self._left, self._at = min(filled, Fraction(self._rate.capacity)), now
        granted = self._left >= 1
        self._left -= granted
        return granted


class TestOneCaller:
    def test_so_many_tokens_at_once_and_then_one_each_interval(
        self, submissions_table: Table
    ) -> None:
        at_once = [bucket(submissions_table).take(RATE, NOW).wait_ms for _ in range(5)]
        later = [bucket(submissions_table).take(RATE, NOW + 1000).wait_ms for _ in range(2)]

        assert at_once == [0, 0, 0, 1000, 1000]
        assert later == [0, 1000]

    def test_what_is_not_used_fills_the_bucket_and_no_more(self, submissions_table: Table) -> None:
        bucket(submissions_table).take(RATE, NOW)
        long_after = NOW + 3_600_000

        taken = [bucket(submissions_table).take(RATE, long_after).granted for _ in range(5)]

        assert taken == [True, True, True, False, False]

    def test_a_taker_takes_one_token_however_often_it_asks(self, submissions_table: Table) -> None:
        asked = [bucket(submissions_table).take(RATE, NOW, taker="a").granted for _ in range(9)]
        others = [bucket(submissions_table).take(RATE, NOW, taker=name).granted for name in "bcd"]
        again = bucket(submissions_table).take(RATE, NOW, taker="a").granted

        assert asked == [True] * 9
        assert others == [True, True, False]
        assert again

    def test_a_refused_taker_is_not_remembered(self, submissions_table: Table) -> None:
        for name in "abc":
            bucket(submissions_table).take(RATE, NOW, taker=name)
        before = submissions_table.get_item(Key=KEY)["Item"]

        assert not bucket(submissions_table).take(RATE, NOW, taker="d").granted

        assert submissions_table.get_item(Key=KEY)["Item"] == before

    def test_a_forgotten_taker_takes_another_token(self, submissions_table: Table) -> None:
        bucket(submissions_table).take(RATE, NOW, taker="a")
        bucket(submissions_table).take(RATE, NOW, taker="b")

        bucket(submissions_table).forget(["a", "b"])

        assert bucket(submissions_table).take(RATE, NOW, taker="a").granted
        assert not bucket(submissions_table).take(RATE, NOW, taker="b").granted

    def test_buckets_of_other_items_are_others(self, submissions_table: Table) -> None:
        for _ in range(3):
            bucket(submissions_table).take(RATE, NOW)

        assert not bucket(submissions_table).take(RATE, NOW).granted
        assert TokenBucket(submissions_table, {"customerId": "c-2"}, "at").take(RATE, NOW).granted

    def test_a_smaller_limit_applies_at_once(self, submissions_table: Table) -> None:
        for _ in range(3):
            bucket(submissions_table).take(RATE, NOW)

        assert bucket(submissions_table).take(Rate(1, 1000), NOW + 2000).wait_ms == 1000

    @pytest.mark.parametrize(("taken_before", "writes"), [(0, 1), (1, 2), (3, 1)])
    def test_a_full_bucket_costs_one_write_and_no_answer_takes_more_than_two(
        self, submissions_table: Table, record_calls: RecordCalls, taken_before: int, writes: int
    ) -> None:
        for _ in range(taken_before):
            bucket(submissions_table).take(RATE, NOW)
        calls = record_calls(submissions_table.meta.client, "UpdateItem")

        bucket(submissions_table).take(RATE, NOW)

        assert len(calls) == writes

    def test_more_is_written_with_a_token_and_nothing_without(
        self, submissions_table: Table
    ) -> None:
        def take(ttl: int) -> bool:
            also = Also(sets=["#ttl = :ttl"], names={"ttl": "ttl"}, values={"ttl": ttl})
            return bucket(submissions_table).take(RATE, NOW, also=also).granted

        assert [take(1), take(2), take(3), take(4)] == [True, True, True, False]
        assert submissions_table.get_item(Key=KEY)["Item"]["ttl"] == 3

    @pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
    def test_no_token_is_taken_while_dynamodb_is_out(
        self, submissions_table: Table, fail_calls: FailCalls, code: str
    ) -> None:
        fail_calls(submissions_table.meta.client, "UpdateItem", client_error(code))

        with pytest.raises(StoreUnavailable):
            bucket(submissions_table).take(RATE, NOW)

    def test_a_refused_permission_is_raised(
        self, submissions_table: Table, fail_calls: FailCalls
    ) -> None:
        denied = client_error("AccessDeniedException")
        fail_calls(submissions_table.meta.client, "UpdateItem", denied)

        with pytest.raises(type(denied), match="AccessDenied"):
            bucket(submissions_table).take(RATE, NOW)


class TestProperties:
    @given(rate=rates, pauses=st.lists(st.integers(0, 120), max_size=30))
    def test_it_grants_what_the_textbooks_bucket_grants(
        self, rate: Rate, pauses: list[int]
    ) -> None:
        table, tokens, now = BucketTable(), Tokens(rate), NOW
        for pause in pauses:
            now += pause
            assert bucket(table).take(rate, now).granted is tokens.take(now)

    @given(rate=rates, pauses=st.lists(st.integers(0, 20), max_size=20))
    def test_a_refused_caller_has_a_token_after_the_wait_and_not_a_moment_before(
        self, rate: Rate, pauses: list[int]
    ) -> None:
        table, now = BucketTable(), NOW
        for pause in pauses:
            now += pause
            wait = bucket(table).take(rate, now).wait_ms
            if wait:
                copies = BucketTable(table.item), BucketTable(table.item)
                assert not bucket(copies[0]).take(rate, now + wait - 1).granted
                assert bucket(copies[1]).take(rate, now + wait).granted

    @given(
        rate=rates,
        clocks=st.lists(st.integers(-5, 5), min_size=1, max_size=20),
        pauses=st.lists(st.integers(0, 30), min_size=20, max_size=20),
    )
    def test_clocks_that_differ_give_no_more_than_their_difference_is_worth(
        self, rate: Rate, clocks: list[int], pauses: list[int]
    ) -> None:
        table, elapsed, granted = BucketTable(), 0, 0
        for clock, pause in zip(clocks, pauses, strict=False):
            elapsed += pause
            granted += bucket(table).take(rate, NOW + elapsed + clock).granted
        assert granted <= rate.capacity + (elapsed + 10) // rate.interval_ms + 1


class TestInterleavings:
    @pytest.mark.parametrize(
        ("callers", "capacity"), [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 2)]
    )
    @pytest.mark.parametrize("used", [0, 1])
    def test_callers_at_one_moment_get_what_is_there_and_no_more(
        self, callers: int, capacity: int, used: int
    ) -> None:
        rate = Rate(capacity, 1000)
        table = BucketTable()
        for _ in range(used):
            bucket(table).take(rate, NOW)

        ends = list(interleavings(table.item, *[caller(rate, NOW)] * callers))

        assert len(ends) >= 2
        for end in ends:
            granted = sum(taken.granted for taken in end.results)
            assert granted == min(callers, capacity - used)
            assert all(taken.granted or taken.wait_ms == 1000 for taken in end.results)

    def test_equal_takers_share_one_token_and_none_is_refused(self) -> None:
        rate = Rate(2, 1000)
        takers = ("a", "a", "b", "c")

        for end in interleavings({}, *[caller(rate, NOW, taker) for taker in takers]):
            granted = {
                taker for taker, taken in zip(takers, end.results, strict=True) if taken.granted
            }
            assert len(granted) == 2
            assert {name for name in end.item if name in takers} == granted
            assert end.results[0].granted is end.results[1].granted

    def test_an_earlier_token_lets_its_taker_pass_an_empty_bucket(self) -> None:
        rate = Rate(1, 1000)
        table = BucketTable()
        bucket(table).take(rate, NOW, taker="a")

        for end in interleavings(table.item, *[caller(rate, NOW, taker) for taker in ("a", "b")]):
            assert [taken.granted for taken in end.results] == [True, False]

    def test_clocks_that_differ_share_the_same_tokens(self) -> None:
        """A clock that is behind may refuse a token that is there; none gives one too many."""
        rate = Rate(2, 1000)
        callers = [caller(rate, NOW + ahead) for ahead in (0, 400, -300, 100)]

        granted = Counter(
            sum(taken.granted for taken in end.results) for end in interleavings({}, *callers)
        )

        assert set(granted) == {1, 2}

    def test_a_write_without_its_condition_would_be_caught(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = token_buckets._expressions

        def careless(also: Also, *, is_full: bool, remembers: bool) -> tuple[str, str]:
            update, condition = real(also, is_full=is_full, remembers=remembers)
            return update, condition if is_full else "#at > :full OR #at <= :latest"

        monkeypatch.setattr(token_buckets, "_expressions", careless)
        rate = Rate(2, 1000)

        ends = interleavings({}, *[caller(rate, NOW)] * 3)

        assert max(sum(taken.granted for taken in end.results) for end in ends) == 3


def test_writes_that_are_all_lost_to_other_callers_come_to_an_end() -> None:
    """DynamoDB says so with the item; an engine that leaves it out must not hold a caller."""
    table = Mock()
    table.update_item.side_effect = client_error("ConditionalCheckFailedException")

    with pytest.raises(StoreUnavailable, match="lost to other callers"):
        caller(RATE, NOW)(table)

    assert table.update_item.call_count == 100
