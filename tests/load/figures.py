"""A run in figures: what the report shows, and what the next run is compared with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from tests.load.observations import Kind, Observation

PERCENTILES = (50, 90, 99)
#: The knee: the fewest customers that reach so much of the highest throughput.
KNEE_PART = 0.9


class Distribution(BaseModel):
    """Seconds of many like events."""

    model_config = ConfigDict(frozen=True)

    count: int
    p50: float
    p90: float
    p99: float
    longest: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Distribution | None:
        """Of these; None of none."""
        ordered = sorted(seconds)
        if not ordered:
            return None
        p50, p90, p99 = (percentile(ordered, percent) for percent in PERCENTILES)
        return cls(count=len(ordered), p50=p50, p90=p90, p99=p99, longest=ordered[-1])


class Step(BaseModel):
    """A number of customers at once: the links a second, and 99 of 100's seconds to it."""

    customers: int
    links_per_second: float
    p99: float


class Figures(BaseModel):
    """One run.

    Attributes:
        seconds: from the first list to the last link.
        links_per_second: of that time.
        kinds: the seconds of each kind of observation.
        states: the seconds of each state of the workflow, of the executions that were looked at.
        errors: by cause.
        failed: executions that failed.
        without_link: orders that never came to an end or a link.
        processor_ms: of an order, by part of the stack.
        memory_mb, workers, descriptors, parked: the most at any time.
        growth: in percent an hour after the first ten minutes, of memory aside from the
            emulator's, workers and descriptors.
        kept_kb: what the emulator's memory grows by with each order.
        memory_by_time: (seconds, the emulator's MB, all other processes' MB).
        calls: of an order, by service.
        floor_per_second, floor_p99: the emulator's own (``tests.load.floor``).
    """

    build: str
    day: str
    profile: str
    orders: int
    at_once: int
    seconds: float
    links_per_second: float
    kinds: dict[str, Distribution]
    states: dict[str, Distribution]
    errors: dict[str, int]
    failed: int
    without_link: int
    processor_ms: dict[str, float] = {}
    memory_mb: float = 0
    workers: int = 0
    descriptors: int = 0
    parked: int = 0
    growth: dict[str, float] = {}
    kept_kb: float = 0
    memory_by_time: list[tuple[float, float, float]] = []
    calls: dict[str, float] = {}
    floor_per_second: float = 0
    floor_p99: float = 0
    steps: list[Step] = []

    @property
    def knee(self) -> Step | None:
        """See :data:`KNEE_PART`; None without steps."""
        if not self.steps:
            return None
        most = max(step.links_per_second for step in self.steps)
        return next(s for s in self.steps if s.links_per_second >= KNEE_PART * most)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of sorted numbers."""
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def by_kind(observations: Iterable[Observation]) -> dict[str, Distribution]:
    """The distribution of each kind that has any."""
    seconds: dict[Kind, list[float]] = {}
    for each in observations:
        seconds.setdefault(each.kind, []).append(each.seconds)
    found = {
        str(kind): Distribution.of(seconds.get(kind, ())) for kind in Kind if kind != Kind.ERROR
    }
    return {kind: distribution for kind, distribution in found.items() if distribution}


def errors(observations: Iterable[Observation]) -> dict[str, int]:
    """How often each cause occurred, the most frequent first."""
    causes = Counter(each.detail for each in observations if each.kind is Kind.ERROR)
    return dict(causes.most_common())


def throughput(observations: Sequence[Observation]) -> tuple[float, float]:
    """The seconds from the first list to the last link, and the links a second."""
    links = [each for each in observations if each.kind is Kind.LINK]
    if not links:
        return 0.0, 0.0
    seconds = max(each.at for each in links) - min(each.at - each.seconds for each in links)
    return seconds, len(links) / max(seconds, 0.001)


def steps(
    observations: Iterable[Observation], course: Iterable[tuple[float, int]], started: float
) -> list[Step]:
    """The links of each step of a ramp, by when they arrived."""
    links = [each for each in observations if each.kind is Kind.LINK]
    found = []
    for seconds, customers in course:
        within = [each.seconds for each in links if started <= each.at < started + seconds]
        distribution = Distribution.of(within)
        found.append(
            Step(
                customers=customers,
                links_per_second=len(within) / seconds,
                p99=distribution.p99 if distribution else 0.0,
            )
        )
        started += seconds
    return found


def growth_an_hour(series: Sequence[tuple[float, float]]) -> float | None:
    """The slope of :func:`line`, in percent of its first value an hour."""
    found = line(series)
    if not found or not found[0]:
        return None
    base, slope = found
    return 100 * 3600 * slope / base


def line(series: Sequence[tuple[float, float]], after: float = 600) -> tuple[float, float] | None:
    """The line of least squares through (seconds, value): its first value, and its slope a second.

    Args:
        series: (seconds, value).
        after: seconds from the start that are left out.

    Returns:
        None where less than two looks remain.
    """
    if not series:
        return None
    begin = series[0][0] + after
    points = [(at - begin, value) for at, value in series if at >= begin]
    if len(points) < 2:
        return None
    mean_at = sum(at for at, _ in points) / len(points)
    mean = sum(value for _, value in points) / len(points)
    spread = sum((at - mean_at) ** 2 for at, _ in points)
    slope = sum((at - mean_at) * (value - mean) for at, value in points) / spread
    return mean - slope * mean_at, slope


def summed(parts: Mapping[str, float]) -> float:
    """All parts together."""
    return sum(parts.values())
