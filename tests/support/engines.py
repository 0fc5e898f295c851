"""What stands in for DynamoDB: moto in this process, MiniStack and dynalite as servers.

Servers listen on a port that the system chose.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import httpx
import pytest
from moto.dynamodb.models import dynamodb_backends

from scripts.local.stack.processes import (
    NODE,
    die_with_parent,
    environment,
    ministack_settings,
)
from tests.support import judges
from tests.support.http import http
from tests.support.npm import installed
from tests.support.tables import ORDERS, TableDefinition
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table

MOTO: Final = "moto"
MINISTACK: Final = "ministack"
DYNALITE: Final = "dynalite"
ENGINES: Final = (MOTO, MINISTACK, DYNALITE)

_HOST: Final = "127.0.0.1"
_LISTENS: Final = re.compile(r"listens on (\d+)")


def on(engine: str, definition: TableDefinition) -> TableDefinition:
    """The table as the engine can create it."""
    return definition.for_keys_of_two() if engine == DYNALITE else definition


def skip_without_index(params: Mapping[str, Any], **_: Any) -> None:
    """Skip a test that queries an index which dynalite can't create.

    A handler of botocore's event ``provide-client-params``.
    """
    left_out = {*ORDERS.indexes} - {*ORDERS.for_keys_of_two().indexes}
    if params.get("IndexName") in left_out:
        pytest.skip("dynalite has no partition keys of several attributes")


class Engine(Protocol):
    """An engine that holds the tables of a test session."""

    def empty(self, dynamodb: DynamoDBServiceResource, definition: TableDefinition) -> Table:
        """The table without items, created if it is not there."""


class Moto(Engine):
    """moto, inside ``mock_aws``: each emulated account begins without tables.

    A table is created once and then put into each account, which costs less.
    """

    def __init__(self, account: str, region: str) -> None:
        self._account = account
        self._region = region
        self._created: dict[str, Any] = {}

    def empty(self, dynamodb: DynamoDBServiceResource, definition: TableDefinition) -> Table:
        """See :meth:`Engine.empty`."""
        name = definition.name
        emulated = dynamodb_backends[self._account][self._region].tables
        if name in self._created:
            self._created[name].items = defaultdict(dict)
            emulated[name] = self._created[name]
        else:
            dynamodb.create_table(**definition.creation())
            self._created[name] = emulated[name]
        return dynamodb.Table(name)


class Server(Engine):
    """A server, which keeps its tables from test to test."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._created: set[str] = set()

    def empty(self, dynamodb: DynamoDBServiceResource, definition: TableDefinition) -> Table:
        """See :meth:`Engine.empty`."""
        table = dynamodb.Table(definition.name)
        if definition.name not in self._created:
            dynamodb.create_table(**on(self._engine, definition).creation())
            table.wait_until_exists()
            self._created.add(definition.name)
        else:
            _delete_items(table, definition.key)
        return table


def _delete_items(table: Table, key: Sequence[str]) -> None:
    with table.batch_writer() as batch:
        for page in table.meta.client.get_paginator("scan").paginate(TableName=table.name):
            for item in page["Items"]:
                batch.delete_item(Key={name: item[name] for name in key})


@contextmanager
def run_server(engine: str, home: Path) -> Iterator[str]:
    """Runs the engine as a server with its files in ``home``; yields its endpoint."""
    with {MINISTACK: run_ministack, DYNALITE: run_dynalite}[engine](home) as endpoint:
        yield endpoint


@contextmanager
def run_ministack(
    home: Path, settings: Mapping[str, str] | None = None, program: Sequence[str | Path] = ()
) -> Iterator[str]:
    """Runs MiniStack; yields its endpoint.

    Args:
        home: the folder of its files.
        settings: more of its environment.
        program: Python's arguments that start it, in place of ``-m ministack``.
    """
    with socket.create_server((_HOST, 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-P", *(program or ("-m", "ministack"))]
    endpoint = f"http://{_HOST}:{port}"
    with _running(command, home, {**ministack_settings(port, home), **(settings or {})}):
        wait_for(lambda: _answers(f"{endpoint}/_ministack/health"), bool)
        yield endpoint


@contextmanager
def run_dynalite(home: Path) -> Iterator[str]:
    """Runs dynalite, with its tables in memory; yields its endpoint."""
    command = [NODE, installed(judges.FOLDER) / "dynalite.mjs"]
    with _running(command, home, {}) as log:
        port = wait_for(lambda: _LISTENS.search(log.read_text(encoding="utf-8")), bool)[1]
        yield f"http://{_HOST}:{port}"


@contextmanager
def _running(
    command: Sequence[str | Path], home: Path, settings: Mapping[str, str]
) -> Iterator[Path]:
    """Runs a server; yields the file of its output."""
    log = home / "server.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            command,
            cwd=home,
            env=environment(home, settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads yet
        ) as process,
    ):
        try:
            yield log
        finally:
            process.kill()


def _answers(url: str) -> bool:
    try:
        return http.get(url).is_success
    except httpx.TransportError:
        return False
