"""``docs/security/waf.md``: its generated part and its plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "waf",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "legend.frameon": False,
    }
)

from matplotlib import pyplot as plt  # noqa: E402 - after the backend was chosen
from matplotlib.figure import Figure  # noqa: E402

from scripts.local.waf.fields import INSPECTED_BYTES  # noqa: E402
from scripts.local.waf.web_acl import Action  # noqa: E402
from tests.waf import traffic  # noqa: E402
from tests.waf.measures import Measures, Outcome, per_bucket  # noqa: E402

PAGE = Path("docs/security/waf.md")
LIMIT = 2_000
FLOOD_PER_SECOND = 20
FLOOD_SECONDS = 600
_SIZE = (8.0, 3.6)


def write(measures: Measures) -> None:
    """Measures, draws the plots and writes the page's generated section."""
    sections = [
        "### Rules\n",
        _table(
            ("rule", "action in dev", "evaluated on this machine"),
            (
                (each.name, each.action.value, each.not_evaluated or "yes")
                for each in measures.fresh().rules
            ),
        ),
        "\n### Customers\n",
        _outcomes([*measures.lists(), *measures.crowds(), measures.publishing()]),
        f"\n![Requests of one address in five minutes, by customers behind it]({_crowds()})\n",
        f"The limit stops the first request with {measures.first_blocked(120)} customers behind "
        f"one address who order {traffic.ORDERS} times in five minutes "
        f"({traffic.ORDERS * (1 + traffic.LOOKS)} requests each).",
        "\n### Attacks\n",
        _outcomes(measures.attacks()),
        f"\n![An address that sends {FLOOD_PER_SECOND} requests a second]({_flood(measures)})\n",
        "\n### Sizes\n",
        f"![Sizes of requests that submit a list]({_sizes()})\n",
        _table(("request", "bytes in UTF-8", "bytes escaped"), _longest()),
    ]
    before, start, rest = PAGE.read_text(encoding="utf-8").partition("<!-- figures:start -->\n")
    _, end, after = rest.partition("<!-- figures:end -->")
    content = "\n".join(sections)
    PAGE.write_text(f"{before}{start}\n{content}\n\n{end}{after}", encoding="utf-8")


def _outcomes(outcomes: Iterable[Outcome]) -> str:
    return _table(
        ("traffic", "requests", "blocked", "by"),
        (
            (each.kind, f"{each.requests:,}", f"{each.blocked:,}", ", ".join(sorted(each.rules)))
            for each in outcomes
        ),
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _crowds() -> str:
    figure, axes = plt.subplots(figsize=_SIZE)
    customers = range(0, 1001, 10)
    each = traffic.ORDERS * (1 + traffic.LOOKS)
    for addresses in (1, 5, 50):
        axes.plot(
            customers,
            [number / addresses * each for number in customers],
            label=f"behind {addresses} address{'es' if addresses > 1 else ''}",
        )
    axes.axhline(LIMIT, color="tab:red", linestyle="--", label="limit")
    axes.set(
        xlabel="customers who order within the same five minutes",
        ylabel="requests of each address",
        ylim=(0, 3 * LIMIT),
        xlim=(0, 1000),
    )
    axes.legend(loc="upper right")
    return _saved(figure, "waf-customers.svg")


def _flood(measures: Measures) -> str:
    figure, axes = plt.subplots(figsize=_SIZE)
    verdicts = measures.flood(FLOOD_PER_SECOND, FLOOD_SECONDS)
    for action, label, colour in (
        (Action.ALLOW, "pass", "tab:blue"),
        (Action.BLOCK, "blocked", "tab:red"),
    ):
        times, numbers = per_bucket(verdicts, FLOOD_PER_SECOND, action)
        axes.step(times, numbers, where="post", label=label, color=colour)
    axes.set(xlabel="seconds", ylabel="requests in ten seconds", ylim=(0, None))
    axes.legend(loc="center right")
    return _saved(figure, "waf-flood.svg")


def _sizes() -> str:
    figure, axes = plt.subplots(figsize=_SIZE)
    bins = [10 * 1.15**step for step in range(20, 50)]
    for escaped, label in ((False, "UTF-8"), (True, "escaped")):
        sizes = [len(traffic.submission(text, escaped=escaped)) for text in traffic.shoppers()]
        axes.hist(sizes, bins=bins, alpha=0.5, label=f"messages of shoppers, {label}")
    axes.axvline(INSPECTED_BYTES, color="tab:red", linestyle="--", label="inspected by WAF")
    axes.set(xscale="log", xlabel="bytes of the request", ylabel="messages")
    axes.legend(loc="upper right")
    return _saved(figure, "waf-sizes.svg")


def _longest() -> list[tuple[str, int, int]]:
    """The longest request of each kind of list; 5,000 Yoruba characters are no valid list."""
    kinds = traffic.legitimate_lists()
    rows = [(f"longest: {kind}", max(texts, key=len)) for kind, texts in kinds.items()]
    unit = "ẹ̀wà ọlọ́yin, "
    rows.append(("5,000 characters of Yoruba (refused)", (unit * 1_000)[:5_000]))
    return [
        (name, *(len(traffic.submission(text, escaped=each)) for each in (False, True)))  # type: ignore[misc]
        for name, text in rows
    ]


def _saved(figure: Figure, name: str) -> str:
    figure.tight_layout()
    figure.savefig(PAGE.parent / name, metadata={"Date": None})
    plt.close(figure)
    return name
