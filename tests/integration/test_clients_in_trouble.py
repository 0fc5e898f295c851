"""Third-party clients when subscriptions fail: what they do, and the documentation's snippets.

``docs/api.md`` says it in a table; the snippets are run as they stand there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from scripts.local.stack.processes import NODE
from tests.support.client_versions import AMPLIFY, GQL, amplify_package, pinned_gql, snippet
from tests.support.npm import installed
from tests.support.python_environments import python_with
from tests.support.scripted_appsync import ScriptedAppSync, Trouble, scripted_appsync, token
from tests.support.waiting import wait_for

T = Trouble
PATIENCE_SECONDS = 120
#: What gql raises; None where the loop ends.
RAISED: dict[Trouble, str | None] = {
    T.COMPLETE: None,
    T.NO_DATA: "TransportQueryError",
    T.EXPIRED: "TransportQueryError",
    T.CLOSED: "TransportConnectionFailed",
    T.SILENT: "TransportServerError",
    T.REFUSED_CONNECTION: "TransportServerError",
    T.REFUSED_SUBSCRIPTION: "TransportQueryError",
}


@cache
def gql_in_trouble(release: str) -> dict[str, Any]:
    """What a release of gql does in each trouble, and what the snippet does with it."""
    python = {"locked": Path(sys.executable), "newest": python_with(GQL)}[release]
    with ExitStack() as serving:
        question = {
            "snippet": snippet("follow_orders.py"),
            "token": token(),
            "endpoints": {each: _endpoints_with(each, serving) for each in RAISED},
        }
        done = subprocess.run(
            [python, GQL / "trouble.py"],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _endpoints_with(trouble: Trouble, serving: ExitStack) -> dict[str, Any]:
    addresses = {}
    for use in ("plain", "followed"):
        endpoint = serving.enter_context(scripted_appsync())
        endpoint.troubles = [trouble]
        addresses[use] = endpoint.url
    return {**addresses, "keepAlive": 1 if trouble is T.SILENT else None}


@pytest.mark.parametrize("trouble", RAISED)
@pytest.mark.parametrize("release", ["locked", "newest"])
def test_gql_ends_or_raises(release: str, trouble: Trouble) -> None:
    assert gql_in_trouble(release)["endpoints"][trouble]["raised"] == RAISED[trouble]


@pytest.mark.parametrize("trouble", RAISED)
@pytest.mark.parametrize("release", ["locked", "newest"])
def test_the_snippet_for_gql_goes_on_after_each_trouble(release: str, trouble: Trouble) -> None:
    shown = gql_in_trouble(release)["endpoints"][trouble]
    assert shown["reads"]
    assert False in shown["live"]


def test_each_release_of_gql_is_the_one_that_is_pinned() -> None:
    pinned = {"locked": version("gql"), "newest": pinned_gql()}
    assert {each: gql_in_trouble(each)["version"] for each in pinned} == pinned


@dataclass
class App:
    """An app with Amplify and the documentation's snippet."""

    endpoint: ScriptedAppSync
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def states(self) -> list[str]:
        return [each["state"] for each in self.events if "state" in each]

    def count(self, kind: str) -> int:
        return sum(kind in each for each in self.events)


@contextmanager
def app(folder: Path, trouble: Trouble) -> Iterator[App]:
    with scripted_appsync() as endpoint:
        endpoint.troubles = [trouble]
        if trouble is T.SILENT:
            endpoint.timeout_ms = 2_000
        running = App(endpoint)
        command = [NODE, "trouble.mjs", folder / "follow_orders.mjs", endpoint.url, token()]
        with subprocess.Popen(
            command, cwd=AMPLIFY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            lines = process.stdout

            def listen() -> None:
                running.events.extend(json.loads(line) for line in lines)

            reader = threading.Thread(target=listen)
            reader.start()
            try:
                yield running
            finally:
                process.kill()
                reader.join()


def test_amplify_reports_only_some_troubles_and_the_snippet_goes_on_after_all() -> None:
    installed(AMPLIFY)
    with ExitStack() as running:
        folder = AMPLIFY / "node_modules" / ".snippet"  # where its imports are found
        folder.mkdir(exist_ok=True)
        code = snippet("follow_orders.mjs")
        assert "error: subscribeLater," in code
        reported = "error: (error) => { globalThis.report?.(error); subscribeLater(); },"
        code = code.replace("error: subscribeLater,", reported)
        (folder / "follow_orders.mjs").write_text(code, "utf-8")
        apps = {each: running.enter_context(app(folder, each)) for each in RAISED}

        for trouble, each in apps.items():
            if trouble in {T.COMPLETE, T.NO_DATA}:
                # Read when it was connected, and once more because the time came.
                wait_for(lambda each=each: each.count("read"), lambda reads: reads >= 2)
            else:
                wait_for(lambda each=each: each.count("update"), bool)
                assert each.count("read")

    for unseen in (T.COMPLETE, T.NO_DATA):
        assert apps[unseen].states == ["Disconnected", "Connecting", "Connected"]
        assert apps[unseen].count("update") == 0
    for closed in (T.CLOSED, T.SILENT):
        disrupted = apps[closed].states.index("ConnectionDisrupted")
        assert "Disconnected" not in apps[closed].states[1:disrupted]
        assert "Connected" in apps[closed].states[disrupted:]
    for refused in (T.EXPIRED, T.REFUSED_SUBSCRIPTION, T.REFUSED_CONNECTION):
        assert apps[refused].count("error") == 1


@pytest.mark.long
def test_the_documented_release_of_amplify_has_these_parts() -> None:
    package = amplify_package()
    release = f"aws-amplify@{package['config']['aws-amplify']}"
    asked = subprocess.run(
        [Path(sys.executable).with_name("npm"), "view", release, "dependencies", "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    parts = json.loads(asked.stdout)
    assert {each: parts[each] for each in package["devDependencies"]} == package["devDependencies"]
