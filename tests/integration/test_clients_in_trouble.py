"""Third-party clients when subscriptions fail: what they do, and the documentation's snippets.

``docs/api.md`` says it in a table; the snippets are run as they stand there.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.appsync_auth import AppSyncJWTAuthentication
from gql.transport.appsync_websockets import AppSyncWebsocketsTransport
from gql.transport.exceptions import (
    TransportConnectionFailed,
    TransportError,
    TransportQueryError,
    TransportServerError,
)

from tests.support.follower import AMPLIFY, NODE
from tests.support.npm import installed
from tests.support.paths import PROJECT
from tests.support.scripted_appsync import ScriptedAppSync, Trouble, scripted_appsync, token
from tests.support.waiting import wait_for

T = Trouble
QUERY = gql("subscription($id: ID!) { onOrderUpdated(customerId: $id) { orderId version } }")
QUERY.variable_values = {"id": "c-1"}
#: What gql raises; None where the loop ends.
RAISED: dict[Trouble, type[TransportError] | None] = {
    T.COMPLETE: None,
    T.NO_DATA: TransportQueryError,
    T.EXPIRED: TransportQueryError,
    T.CLOSED: TransportConnectionFailed,
    T.SILENT: TransportServerError,
    T.REFUSED_CONNECTION: TransportServerError,
    T.REFUSED_SUBSCRIPTION: TransportQueryError,
}


def snippet(name: str) -> str:
    """The code block of the documentation with this name."""
    text = (PROJECT / "docs" / "api.md").read_text("utf-8")
    found = re.search(rf"<!-- snippet: {re.escape(name)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None, name
    return found[1]


def transport(endpoint: ScriptedAppSync) -> AppSyncWebsocketsTransport:
    host = endpoint.url.split("/")[2]
    auth = AppSyncJWTAuthentication(host=host, jwt=token())
    url = endpoint.url.replace("http", "ws")
    return AppSyncWebsocketsTransport(url, auth=auth, keep_alive_timeout=1, close_timeout=1)


def in_a_loop(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """In a thread of its own: Playwright, too, has a loop in this one while a browser is open."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()


@pytest.mark.parametrize("trouble", RAISED)
def test_gql_ends_or_raises(trouble: Trouble) -> None:
    async def follow() -> None:
        async with Client(transport=transport(endpoint)) as session:
            async for _ in session.subscribe(QUERY):
                pass

    raised: type[TransportError] | None = None
    with scripted_appsync() as endpoint:
        endpoint.troubles = [trouble]
        try:
            in_a_loop(follow)
        except TransportError as error:
            raised = type(error)
    assert raised is RAISED[trouble]


@pytest.mark.parametrize("trouble", RAISED)
def test_the_snippet_for_gql_goes_on_after_each_trouble(trouble: Trouble) -> None:
    scope: dict[str, Any] = {}
    exec(compile(snippet("follow_orders.py"), "docs/api.md", "exec"), scope)
    reads, live = [], []

    async def run() -> None:
        arrived = asyncio.Event()

        async def catch_up() -> None:
            reads.append("getOrder")

        following = scope["follow_orders"](
            lambda: transport(endpoint), QUERY, lambda _: arrived.set(), catch_up, live.append, 0.01
        )
        task = asyncio.create_task(following)
        await arrived.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    with scripted_appsync() as endpoint:
        endpoint.troubles = [trouble]
        in_a_loop(run)
    assert reads
    assert False in live


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
