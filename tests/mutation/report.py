"""The results of a mutation run, and the page that shows them beside an earlier commit's."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.support.paths import PROJECT

EARLIER = Path(__file__).with_name("earlier_results.json")
PAGE = PROJECT / "docs" / "mutants.md"

_START, _END = "<!-- results:start -->", "<!-- results:end -->"


@dataclass(frozen=True)
class Result:
    """What became of a mutant.

    Attributes:
        caught_by: the first check that failed; None where all passed.
        test: the test that failed.
        there: whether the project has what the mutant changes.
    """

    kind: str
    name: str
    caught_by: str | None = None
    test: str | None = None
    there: bool = True

    @property
    def survives(self) -> bool:
        return self.there and self.caught_by is None

    @property
    def verdict(self) -> str:
        if not self.there:
            return "not there"
        return self.caught_by or "SURVIVES"


def write_earlier(results: Sequence[Result]) -> None:
    """Keeps what the earlier commit's checks found."""
    rows = [asdict(each) for each in results]
    EARLIER.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def read_earlier() -> dict[str, Result]:
    """What the earlier commit's checks found, by the mutant's name."""
    if not EARLIER.exists():
        return {}
    rows = json.loads(EARLIER.read_text(encoding="utf-8"))
    return {row["name"]: Result(**row) for row in rows}


def write_page(results: Sequence[Result], earlier: Mapping[str, Result]) -> None:
    """Writes the results into the docs, between their markers."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(_START)
    after = rest.split(_END)[1]
    lines = "\n".join([*_summary(results, earlier), "", *_table(results, earlier)])
    PAGE.write_text(f"{before}{_START}\n{lines}\n{_END}{after}", encoding="utf-8")


def _summary(results: Sequence[Result], earlier: Mapping[str, Result]) -> Iterator[str]:
    yield "| kind | mutants | caught | at the earlier commit: there | caught |"
    yield "|---|---|---|---|---|"
    kinds = Counter(each.kind for each in results)
    for kind in (*kinds, "all"):
        now = [each for each in results if kind in (each.kind, "all")]
        then = [earlier[each.name] for each in now if each.name in earlier]
        there = [each for each in then if each.there]
        yield (
            f"| {kind} | {len(now)} | {sum(not each.survives for each in now)} | {len(there)} "
            f"| {sum(not each.survives for each in there)} |"
        )


def _table(results: Sequence[Result], earlier: Mapping[str, Result]) -> Iterator[str]:
    yield "| mutant | caught today by | at the earlier commit by |"
    yield "|---|---|---|"
    for each in results:
        then = earlier.get(each.name)
        yield f"| {each.kind}: {each.name} | {each.verdict} | {then.verdict if then else '?'} |"
