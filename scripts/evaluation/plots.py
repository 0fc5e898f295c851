"""The plots of the report, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("svg")
# Text stays text, and the same numbers make the same file.
mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "evaluation",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.alpha": 0.3,
        "legend.frameon": False,
    }
)

from matplotlib import pyplot as plt  # noqa: E402 - after the backend was chosen
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from scripts.evaluation.parsing import Accuracy  # noqa: E402
from scripts.evaluation.retrieval import RetrievalScore  # noqa: E402
from scripts.evaluation.simulation import Window  # noqa: E402
from scripts.evaluation.speed import Latency  # noqa: E402

_WIDE: Final = (8.0, 4.5)
_GROUP: Final = 0.8
_TARGET_MS: Final = 5


def plot_parsing(parsing: Mapping[str, Sequence[Accuracy]], path: Path) -> None:
    """The share of lines parsed correctly in all three parts, by slice and parser."""
    shares = {
        name: {one.slice: one.share("everything") for one in accuracies}
        for name, accuracies in parsing.items()
    }
    _plot_shares(shares, "Lines parsed correctly: quantity, unit and name", path)


def plot_retrieval(by_matcher: Mapping[str, Sequence[RetrievalScore]], path: Path) -> None:
    """The share of queries with a correct first product, by slice and matcher."""
    shares = {name: {one.slice: one.share for one in scores} for name, scores in by_matcher.items()}
    _plot_shares(shares, "Queries with a correct first product", path)


def plot_latency(latencies: Mapping[str, Sequence[Latency]], path: Path) -> None:
    """The time for a line by number of products; error bars reach to the 95th percentile."""
    figure, axes = plt.subplots(figsize=_WIDE)
    sizes = sorted({each.products for several in latencies.values() for each in several})
    for name, several in latencies.items():
        middle = [each.median_ms for each in several]
        above = [max(0.0, each.p95_ms - each.median_ms) for each in several]
        axes.errorbar(
            sizes, middle, yerr=[[0.0] * len(above), above], marker="o", label=name, capsize=4
        )
    axes.axhline(_TARGET_MS, linestyle="--", color="gray", label=f"target: {_TARGET_MS} ms")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="products",
        ylabel="ms per line (median, to 95th percentile)",
    )
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_title("Time for a line")
    axes.legend()
    _save(figure, path)


def plot_simulation(windows: Sequence[Window], path: Path) -> None:
    """The share of lines that need the model, by number of orders."""
    figure, axes = plt.subplots(figsize=_WIDE)
    orders = [each.last_order for each in windows]
    axes.plot(
        orders,
        [100 * each.share_without_memory for each in windows],
        "--",
        label="without remembered names",
    )
    axes.plot(
        orders, [100 * each.share for each in windows], marker="o", label="with remembered names"
    )
    axes.set(xlabel="orders", ylabel="% of lines that need the model", ylim=(0, None))
    axes.set_title("Lines that need the model")
    axes.legend()
    _save(figure, path)


def _plot_shares(shares: Mapping[str, Mapping[str, float]], title: str, path: Path) -> None:
    """Horizontal bars, one group per slice."""
    slices = list(dict.fromkeys(slice_ for by_slice in shares.values() for slice_ in by_slice))
    figure, axes = plt.subplots(
        figsize=(_WIDE[0], 1.2 + 0.32 * len(slices) * max(1, len(shares) / 2))
    )
    height = _GROUP / len(shares)
    for number, (name, by_slice) in enumerate(shares.items()):
        places = [place + number * height for place in range(len(slices))]
        values = [100 * by_slice.get(slice_, 0.0) for slice_ in slices]
        bars = axes.barh(places, values, height, label=name)
        axes.bar_label(bars, fmt="%.1f", padding=3, fontsize=8)
    _label_slices(axes, slices, len(shares))
    axes.set(xlabel="%", xlim=(0, 110), title=title)
    _save(figure, path)


def _label_slices(axes: Axes, slices: Sequence[str], bars: int) -> None:
    middle = _GROUP * (bars - 1) / (2 * bars)
    axes.set_yticks([place + middle for place in range(len(slices))], slices)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    if bars > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
