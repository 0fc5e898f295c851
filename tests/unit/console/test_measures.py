"""Counts by the minute, from CloudWatch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.console.overview.measures import MINUTES, counts_by_minute, recent_rate

NOW = datetime(2026, 1, 31, 14, 30, 20, tzinfo=UTC)


class CloudWatch:
    """Two orders accepted in the minute of now, one the minute before; resumed by two causes."""

    def list_metrics(self, **_: Any) -> Any:
        causes = ("breaker", "delay")
        return {"Metrics": [{"Dimensions": [{"Name": "by", "Value": each}]} for each in causes]}

    def get_metric_data(self, **request: Any) -> Any:
        minute = NOW.replace(second=0)
        points: dict[str, list[tuple[datetime, float]]] = {
            "OrdersAccepted": [(minute, 2), (minute - timedelta(minutes=1), 1)],
            "OrdersResumed": [(minute, 3)],
        }
        return {
            "MetricDataResults": [
                {
                    "Id": query["Id"],
                    "Timestamps": [at for at, _ in found],
                    "Values": [value for _, value in found],
                }
                for query in request["MetricDataQueries"]
                for found in [points.get(query["MetricStat"]["Metric"]["MetricName"], [])]
            ]
        }


class Stage:
    def client(self, _: str) -> CloudWatch:
        return CloudWatch()


def test_the_last_hour_is_counted_by_the_minute_and_dimensions_are_added() -> None:
    counts = counts_by_minute(Stage(), NOW)  # type: ignore[arg-type]

    assert len(counts["minutes"]) == MINUTES
    assert counts["minutes"][-1] == "2026-01-31T14:30:00.000Z"
    assert counts["series"]["accepted"][-2:] == [1, 2]
    assert counts["series"]["resumed"][-1] == 6
    assert sum(counts["series"]["paid"]) == 0


def test_the_recent_rate_is_that_of_the_last_three_minutes() -> None:
    assert recent_rate([100, 3, 0, 6]) == 3
