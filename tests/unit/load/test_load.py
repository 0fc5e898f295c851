"""The load suite's own arithmetic."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.usage import Processors, Usage
from tests.load.figures import (
    Distribution,
    Figures,
    Step,
    by_kind,
    errors,
    growth_an_hour,
    percentile,
    steps,
    throughput,
)
from tests.load.mix import shoppers, zipf
from tests.load.observations import Kind, Notebook, Observation, read_observations
from tests.load.profiles import profile
from tests.load.realtime import _realtime_url
from tests.load.report import write


def link(at: float, seconds: float) -> Observation:
    return Observation(at, Kind.LINK, seconds)


def figures(**more: object) -> Figures:
    content = {
        "build": "abc",
        "day": "2026-11-29",
        "profile": "steady",
        "orders": 2,
        "at_once": 2,
        "seconds": 2.0,
        "links_per_second": 1.0,
        "kinds": by_kind([link(1, 0.5), link(2, 1.5)]),
        "states": {},
        "errors": {},
        "failed": 0,
        "without_link": 0,
    }
    return Figures.model_validate({**content, **more})


def test_the_most_popular_message_comes_in_proportion_to_zipfs_law() -> None:
    # 1 + 1/2 + 1/3 = 11/6: the shares are 6/11, 3/11, 2/11.
    sent = Counter(islice(zipf(["a", "b", "c"], Random(1)), 11_000))
    assert sent["a"] == pytest.approx(6000, rel=0.05)
    assert sent["b"] == pytest.approx(3000, rel=0.05)
    assert sent["c"] == pytest.approx(2000, rel=0.08)


def test_messages_are_shoppers_and_none_of_those_that_judge_the_parser() -> None:
    messages = shoppers()
    assert len(messages) == len({*messages}) > 500
    for name in ("shoppers_held_out", "shoppers_outside_held_out", "shoppers_fresh_held_out"):
        held_out = Path(f"tests/data/{name}.jsonl").read_text(encoding="utf-8")
        assert not any(message in held_out for message in messages if len(message) > 40)


def test_a_profile_has_its_customers_at_each_moment() -> None:
    spike = profile("spike", 0, 100, 0)
    assert [spike.customers_at(second) for second in (0, 29, 31, 91, 151)] == [
        10,
        10,
        100,
        10,
        None,
    ]
    ramp = profile("ramp", 0, 10, 5)
    assert ramp.steps == ((5, 1), (5, 2), (5, 4), (5, 8), (5, 10))
    assert (ramp.most, ramp.seconds) == (10, 25)
    assert profile("soak", 0, 100, 7200).steps == ((7200, 10),)
    assert profile("outage", 500, 50, 0).outage == (20, 80)
    with pytest.raises(ValueError, match="no profile 'other': steady, spike"):
        profile("other", 1, 1, 1)


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (75, 3), (99, 4), (100, 4), (1, 1)])
def test_percentiles_are_of_the_nearest_rank(percent: float, value: float) -> None:
    assert percentile([1, 2, 3, 4], percent) == value


@given(st.lists(st.floats(0, 1000), min_size=1))
def test_percentiles_do_not_fall(seconds: list[float]) -> None:
    found = Distribution.of(seconds)
    assert found
    assert min(seconds) <= found.p50 <= found.p90 <= found.p99 <= found.longest == max(seconds)


def test_throughput_is_from_the_first_list_to_the_last_link() -> None:
    # The first list was sent at 9, the last link came at 14.
    assert throughput([link(10, 1), link(12, 2), link(14, 1)]) == (5, 3 / 5)
    assert throughput([]) == (0, 0)


def test_the_knee_is_the_fewest_customers_with_almost_the_highest_throughput() -> None:
    course = ((10, 1), (10, 2), (10, 4))
    seen = [*(link(100 + n, 1) for n in range(5)), *(link(110 + n, 1) for n in range(10))]
    seen += [link(120 + n / 2, 3) for n in range(11)]
    found = steps(seen, course, 100)
    assert [(step.customers, step.links_per_second) for step in found] == [
        (1, 0.5),
        (2, 1),
        (4, 1.1),
    ]
    knee = figures(steps=found).knee
    assert knee == Step(customers=2, links_per_second=1.0, p99=1)


def test_growth_is_a_slope_after_the_first_ten_minutes() -> None:
    series = [(float(second), 100.0 + max(0, second - 600) / 360) for second in range(0, 4200, 60)]
    assert growth_an_hour(series) == pytest.approx(10)
    assert growth_an_hour(series[:5]) is None
    assert growth_an_hour([]) is None


def test_the_report_of_a_long_run_says_what_grows_and_what_an_order_costs(tmp_path: Path) -> None:
    soak = figures(
        profile="soak",
        memory_mb=900,
        growth={"workers": 0.5},
        kept_kb=128,
        memory_by_time=[(0, 100, 500), (3600, 300, 501)],
    )
    text = write(tmp_path, soak, [link(2, 1)]).read_text()
    assert "| growth of workers, % an hour | 0.5 |" in text
    assert "| memory that the emulator keeps of an order, KB | 128 |" in text
    assert "| orders that a local stack takes for each GB of memory | 8,192 |" in text


def test_errors_count_by_cause() -> None:
    seen = [Observation(1, Kind.ERROR, 1, detail=cause) for cause in ("a", "b", "b")]
    assert errors(seen) == {"b": 2, "a": 1}


def test_observations_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "observations.jsonl"
    with path.open("w") as file:
        Notebook(file).note(Kind.LINK, 1.25, "o1", 7, "fine")
    (found,) = read_observations(path)
    assert (found.kind, found.seconds, found.order, found.customers) == (Kind.LINK, 1.25, "o1", 7)


def test_the_report_shows_the_last_run_beside_the_new_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        figures(links_per_second=3.25, steps=[Step(customers=8, links_per_second=3, p99=1)]),
        [],
    )
    page = write(
        tmp_path, figures(links_per_second=4.5, errors={"accept: Timeout": 2}), [link(2, 1)]
    )
    text = page.read_text()
    assert "| links a second | 4.50 | 3.25 |" in text
    assert "| accept: Timeout | 2 |" in text
    assert "a list until its link is on the screen | 2 | 0.50 | 1.50 |" in text
    assert (tmp_path / "load-steady.svg").exists()
    write(tmp_path, figures(profile="spike"), [link(2, 1)])
    assert {"## Steady", "## Spike"} <= set(page.read_text().splitlines())


def test_processor_time_counts_from_the_first_look_also_of_processes_that_ended() -> None:
    def usage(**seconds: float) -> Usage:
        by_process = {(int(name[1:]), 0.0): used for name, used in seconds.items()}
        return Usage(0, by_process, frozenset({2, 3}), frozenset({4}), 0, 0, 0)

    state = SimpleNamespace(ministack=SimpleNamespace(pid=1))
    processors = Processors(state)  # type: ignore[arg-type]
    processors.look(usage(p1=100, p2=50, p9=7))
    processors.look(usage(p1=103, p3=2, p4=1, p9=8))  # p2 has ended, p3 and p4 are new
    assert processors.by_part == {"emulator": 3, "functions": 3, "front door and stand-ins": 1}


@pytest.mark.parametrize(
    ("graphql", "realtime"),
    [
        ("http://127.0.0.1:4/graphql", "ws://127.0.0.1:4/graphql/realtime?"),
        (
            "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql",
            "wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/graphql?",
        ),
    ],
)
def test_subscriptions_go_to_the_realtime_endpoint(graphql: str, realtime: str) -> None:
    assert _realtime_url(graphql, {"host": "h"}).startswith(realtime)
