"""The report of load runs: docs/performance/load.md, its plots, and its figures as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from pydantic import BaseModel

from tests.load.figures import Distribution, Figures, summed
from tests.load.observations import Kind, Observation

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "load"
from matplotlib import pyplot as plt  # noqa: E402 - after the choice of the backend

NAMES = {
    Kind.ACCEPT: "a list until it is accepted",
    Kind.LINK: "a list until its link is on the screen",
    Kind.UPDATE: "a change until it is on the screen",
    Kind.READ: "a query for an order",
    Kind.PAYMENT: "paying until the completed order is on the screen",
    Kind.STAFF: "a query of the staff",
    Kind.OTHER: "a list until it is rejected",
}


class Reports(BaseModel):
    """The last run of each profile."""

    runs: dict[str, Figures] = {}

    @classmethod
    def read(cls, folder: Path) -> Reports:
        """Those of earlier runs."""
        path = folder / "load.json"
        return cls.model_validate_json(path.read_text()) if path.exists() else cls()


def write(folder: Path, new: Figures, observations: Sequence[Observation]) -> Path:
    """Writes the page, its plot and its figures into a folder; keeps the other profiles' runs."""
    reports = Reports.read(folder)
    last = reports.runs.get(new.profile)
    reports.runs[new.profile] = new
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "load.json").write_text(reports.model_dump_json(indent=1) + "\n")
    _plot(folder / f"load-{new.profile}.svg", new, observations)
    page = folder / "load.md"
    page.write_text("\n".join(_page(reports, new.profile, last)) + "\n")
    return page


def _page(reports: Reports, newest: str, last: Figures | None) -> Iterator[str]:
    yield "# Load"
    yield ""
    yield "Written by `make load` (`PROFILE=steady|spike|ramp|soak|outage`); the figures are in"
    yield "[load.json](load.json). Customers sign in with a second factor, send shoppers' messages"
    yield "by Zipf's law, follow their orders over a WebSocket, read them, and 70 % pay; one"
    yield "of the staff queries beside them. All of it runs on one machine, load and stack: its"
    yield f"{os.cpu_count()} processors serve both. Nothing of this was measured on AWS."
    yield ""
    for name, figures in reports.runs.items():
        yield from _run(figures, last if name == newest else None)


def _run(figures: Figures, last: Figures | None) -> Iterator[str]:
    yield f"## {figures.profile.capitalize()}"
    yield ""
    yield (
        f"{figures.day}, build `{figures.build}`: {figures.orders} orders by up to "
        f"{figures.at_once} customers at once in {figures.seconds:.0f} s."
    )
    yield ""
    yield f"![Latency and throughput over time](load-{figures.profile}.svg)"
    yield ""
    yield from _summary(figures, last)
    yield from _distributions(figures)
    yield from _steps(figures)
    yield from _causes(figures)


def _summary(figures: Figures, last: Figures | None) -> Iterator[str]:
    yield f"| | this run |{' last run |' if last else ''}"
    yield f"|---|---:|{'---:|' if last else ''}"
    for name, value in _rows(figures).items():
        before = f" {_rows(last).get(name, '-')} |" if last else ""
        yield f"| {name} | {value} |{before}"
    yield ""


def _rows(figures: Figures) -> dict[str, str]:
    rows = {
        "links a second": f"{figures.links_per_second:.2f}",
        "orders without a link or an end": str(figures.without_link),
        "failed executions": str(figures.failed),
        "errors": str(sum(figures.errors.values())),
    }
    if figures.processor_ms:
        parts = ", ".join(f"{part} {ms:.0f}" for part, ms in figures.processor_ms.items())
        total = summed(figures.processor_ms)
        rows["processor time of an order, ms"] = f"{total:.0f} ({parts})"
    if figures.memory_mb:
        rows["most memory, MB"] = f"{figures.memory_mb:.0f}"
        rows["most workers"] = str(figures.workers)
        rows["most open files"] = str(figures.descriptors)
        rows["most parked orders in the queue"] = str(figures.parked)
    for what, percent in figures.growth.items():
        rows[f"growth of {what}, % an hour"] = f"{percent:.1f}"
    if figures.kept_kb:
        rows["memory that the emulator keeps of an order, KB"] = f"{figures.kept_kb:.0f}"
        rows["orders that a local stack takes for each GB of memory"] = (
            f"{1024**2 / figures.kept_kb:,.0f}"
        )
    if figures.floor_per_second:
        rows["the emulator's floor: executions of four empty functions a second"] = (
            f"{figures.floor_per_second:.0f} (99 % within {figures.floor_p99:.2f} s)"
        )
    if figures.knee:
        rows["the knee: customers at once with 90 % of the highest throughput"] = (
            f"{figures.knee.customers} ({figures.knee.links_per_second:.1f} links a second)"
        )
    return rows


def _distributions(figures: Figures) -> Iterator[str]:
    yield "| seconds | number | 50 % | 90 % | 99 % | longest |"
    yield "|---|---:|---:|---:|---:|---:|"
    for kind, name in NAMES.items():
        if kind in figures.kinds:
            yield _distribution(name, figures.kinds[kind])
    for state, distribution in figures.states.items():
        yield _distribution(f"state {state}", distribution)
    yield ""
    yield (
        "A change on the screen has waited for its stream (iterator age), the function that "
        "publishes it, and the API; the state NotifyCustomer is the e-mail."
    )
    yield ""


def _distribution(name: str, seconds: Distribution) -> str:
    return (
        f"| {name} | {seconds.count} | {seconds.p50:.2f} | {seconds.p90:.2f} | {seconds.p99:.2f} | "
        f"{seconds.longest:.2f} |"
    )


def _steps(figures: Figures) -> Iterator[str]:
    if not figures.steps:
        return
    yield "| customers at once | links a second | 99 % have the link within, s |"
    yield "|---:|---:|---:|"
    for step in figures.steps:
        yield f"| {step.customers} | {step.links_per_second:.2f} | {step.p99:.2f} |"
    yield ""


def _causes(figures: Figures) -> Iterator[str]:
    if figures.errors:
        yield "| error | number |"
        yield "|---|---:|"
        for cause, number in figures.errors.items():
            yield f"| {cause} | {number} |"
        yield ""
    if figures.calls:
        yield "Requests of an order: " + ", ".join(
            f"{service} {number:.1f}" for service, number in figures.calls.items()
        )
        yield ""


def _plot(path: Path, figures: Figures, observations: Sequence[Observation]) -> None:
    links = [each for each in observations if each.kind is Kind.LINK]
    accepted = [each for each in observations if each.kind is Kind.ACCEPT]
    start = min((each.at - each.seconds for each in [*links, *accepted]), default=0.0)
    chart, (over_time, curve) = plt.subplots(1, 2, figsize=(11, 4))
    for name, series in (("link", links), ("accept", accepted)):
        over_time.plot(
            [each.at - start for each in series],
            [each.seconds for each in series],
            ".",
            ms=2,
            label=name,
        )
    over_time.set(xlabel="seconds", ylabel="seconds to", title="Latency")
    over_time.legend()
    if figures.steps:
        curve.plot(
            [step.customers for step in figures.steps],
            [step.links_per_second for step in figures.steps],
            "o-",
        )
        curve.set(xlabel="customers at once", ylabel="links a second", title="Throughput")
    elif figures.growth:
        _memory(curve, figures)
    else:
        curve.hist([each.seconds for each in links], bins=40)
        curve.set(xlabel="seconds to the link", ylabel="orders", title="Distribution")
    chart.tight_layout()
    chart.savefig(path, metadata={"Date": None})
    plt.close(chart)


def _memory(axes: Axes, figures: Figures) -> None:
    seconds, emulator, others = zip(*figures.memory_by_time, strict=True)
    hours = [each / 3600 for each in seconds]
    axes.plot(hours, emulator, label="the emulator, with all executions")
    axes.plot(hours, others, label="all other processes")
    axes.set(xlabel="hours", ylabel="MB", ylim=(0, None), title="Memory")
    axes.legend()
