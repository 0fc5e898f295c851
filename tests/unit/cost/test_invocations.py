"""Reports of functions, as text and as JSON."""

from __future__ import annotations

import json

from scripts.cost.invocations import EVENT_BYTES, LogLine, custom_metrics, invocations

GROUP = "/grocery/dev/parse_order"
TEXT = (
    "REPORT RequestId: r1\tDuration: 120.40 ms\tBilled Duration: 121 ms\tMemory Size: 512 MB\t"
    "Max Memory Used: 90 MB\tRestore Duration: 300.10 ms\tBilled Restore Duration: 7 ms"
)


def lines(*messages: str, group: str = GROUP, stream: str = "s") -> list[LogLine]:
    return [LogLine(group, stream, message) for message in messages]


def test_a_text_report_gives_duration_memory_and_restore() -> None:
    (run,) = invocations(lines("START RequestId: r1", "hello", TEXT))
    assert (run.function, run.request_id, run.billed_ms) == ("parse-order", "r1", 128)
    assert run.is_restored
    assert run.gb_seconds == 0.5 * 0.128
    assert run.log_bytes == sum(map(len, ("START RequestId: r1", "hello", TEXT))) + 3 * EVENT_BYTES


def test_a_json_report_gives_the_same() -> None:
    metrics = {"billedDurationMs": 40, "memorySizeMB": 1024, "durationMs": 39.2}
    record = {"requestId": "r2", "metrics": metrics, "status": "success"}
    (run,) = invocations(lines(json.dumps({"type": "platform.report", "record": record})))
    assert (run.request_id, run.gb_seconds, run.is_restored) == ("r2", 0.04, False)


def test_streams_do_not_mix() -> None:
    report = "REPORT RequestId: {}\tBilled Duration: 1 ms\tMemory Size: 128 MB"
    mixed = [
        *lines("for order one", stream="a"),
        *lines("for order two", stream="b"),
        *lines(report.format("ra"), stream="a"),
        *lines(report.format("rb"), stream="b"),
    ]
    assert {run.request_id: run.text.splitlines()[0] for run in invocations(mixed)} == {
        "ra": "for order one",
        "rb": "for order two",
    }


def test_an_invocation_without_a_report_has_not_ended() -> None:
    assert invocations(lines("START RequestId: r1", "hello")) == []


def test_metrics_count_once_for_each_name_and_dimension() -> None:
    metric = json.dumps(
        {
            "_aws": {
                "CloudWatchMetrics": [
                    {"Dimensions": [["service"]], "Metrics": [{"Name": "A"}, {"Name": "B"}]}
                ]
            },
            "service": "api",
        }
    )
    report = "REPORT RequestId: r\tBilled Duration: 1 ms\tMemory Size: 128 MB"
    assert custom_metrics(invocations(lines(metric, metric, report))) == 2
