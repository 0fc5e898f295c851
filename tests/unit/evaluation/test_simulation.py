"""A shop with remembered names needs the model less over time."""

from __future__ import annotations

from orderflow.catalog.csv_file import read_csv
from scripts.evaluation.cases.labelled import load_lists
from scripts.evaluation.simulation import simulate
from scripts.local.stack.seed import CATALOG


def test_the_share_of_lines_that_need_the_model_falls_as_orders_repeat() -> None:
    windows = simulate(load_lists(), read_csv(CATALOG), orders=160, window=40)

    assert [each.last_order for each in windows] == [40, 80, 120, 160]
    assert windows[-1].share < windows[0].share < windows[0].share_without_memory
    assert windows[-1].share < 0.6 * windows[-1].share_without_memory
