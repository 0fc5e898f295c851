"""The main process of a local stack: serves the stand-ins, and has MiniStack as its child.

``python -m scripts.local.stack.supervisor FOLDER`` serves until SIGTERM or SIGINT, until MiniStack
ends (exit code 1), or until its standard input is closed before ``keep`` was written to it, because
the process that started it has ended.
"""

import argparse
import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import Process as ChildProcess
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
import uvloop
from aws_xray_sdk.core.daemon_config import DAEMON_ADDRESS_KEY
from starlette.applications import Starlette

from scripts.local.appsync.front_door import FrontDoor
from scripts.local.appsync.metrics import counting
from scripts.local.appsync.traces import Tracing
from scripts.local.cognito.proxy import CognitoProxy, IssuedTokens
from scripts.local.joined_answers import JoiningProtocol
from scripts.local.servers import Server, listen, reserve_port
from scripts.local.stack.aws import kept_client
from scripts.local.stack.processes import die_with_parent, environment, ministack_settings
from scripts.local.stack.state import (
    HOST,
    KEEP,
    KEPT_STATE_FILE,
    REQUESTS_FILE,
    SAVE_SECONDS,
    SUPERVISED_FILE,
    LocalState,
    Process,
    Supervised,
    Urls,
)
from scripts.local.stand_ins.bedrock import BedrockStandIn
from scripts.local.stand_ins.dynamodb_faults import PORT_VARIABLE
from scripts.local.stand_ins.paystack.app import PaystackStandIn
from scripts.local.stand_ins.paystack.webhook import WebhookSender
from scripts.local.stand_ins.schedule import Schedule
from scripts.local.time_factor import time_factor
from scripts.local.traces.api import XrayStandIn
from scripts.local.traces.sampling import trace_rate
from scripts.local.waf.guard import Guard
from scripts.local.waf.metrics import to_cloudwatch

log = logging.getLogger("supervisor")


@dataclass(frozen=True)
class End:
    """The reason of a stack's end, and whether it is a failure."""

    reason: str
    failed: bool = False


def main() -> int:
    """Runs until the end of the stack; the exit code is 1 after a failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, help="MiniStack's port; a free one by default")
    parser.add_argument("--data", type=Path, help="where AWS's data is kept between two runs")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if find_spec("sniffio") is None:
        # httpx tries to import it several times in each request, and would look for it each time.
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        port = arguments.port or kept_ports(arguments.data).get("aws") or reserve_port()
        end = runner.run(supervise(arguments.folder, port, arguments.data))
    log.log(logging.ERROR if end.failed else logging.INFO, "stopped: %s", end.reason)
    return int(end.failed)


async def supervise(folder: Path, aws_port: int, data: Path | None = None) -> End:
    """Starts all servers, writes ``supervisor.json``, and waits for a reason to end."""
    aws = f"http://{HOST}:{aws_port}"
    factor = time_factor()
    ports = kept_ports(data)
    dynamodb_port = ports.get("dynamodb") or reserve_port()
    xray = XrayStandIn()
    ministack = await start_ministack(folder, aws_port, dynamodb_port, xray.receive(), data)
    issued = IssuedTokens()
    cloudwatch = kept_client("cloudwatch", aws)
    try:
        apps = {
            "paystack": paystack(factor).app(),
            "bedrock": BedrockStandIn().app(),
            "cognito": CognitoProxy(aws, issued, guard=Guard(to_cloudwatch(cloudwatch))).app(),
            "front_door": FrontDoor(
                aws,
                count=counting(cloudwatch),
                guard=Guard(to_cloudwatch(cloudwatch)),
                is_known=issued.knows,
                trace=Tracing(trace_rate(), lambda segment: xray.put(segment.to_dict())),
            ).app(),
            "xray": xray.app(),
        }
        sockets = {name: listen(ports.get(name, 0)) for name in apps}
        urls = {name: f"http://{HOST}:{one.getsockname()[1]}" for name, one in sockets.items()}
        urls["dynamodb"] = f"http://{HOST}:{dynamodb_port}"
        Supervised(
            supervisor=Process.of(os.getpid()),
            ministack=Process.of(ministack.pid),
            urls=Urls(aws=aws, **urls),
            time_factor=factor,
            keeps_data=data is not None,
        ).save(folder / SUPERVISED_FILE)
        return await _first_end(
            _signal(),
            _starter_exits(),
            _child_ends(ministack),
            *(_serve(app, sockets[name]) for name, app in apps.items()),
        )
    finally:
        if data is not None:
            await _let_save(ministack)
        await _end_group(ministack)


def paystack(factor: float) -> PaystackStandIn:
    """PayStack, with its durations divided by a factor."""
    return PaystackStandIn(sender=WebhookSender(Schedule(factor)), schedule=Schedule(factor))


async def _first_end(*endings: Coroutine[None, None, End]) -> End:
    tasks = [asyncio.create_task(ending) for ending in endings]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    end = next(task for task in tasks if task.done()).result()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return end


def kept_ports(data: Path | None) -> dict[str, int]:
    """The ports of the stack that left this data, by part: published functions name them."""
    before = LocalState.load(data / KEPT_STATE_FILE) if data else None
    if before is None:
        return {}
    urls = before.urls.model_dump().items()
    return {name: port for name, url in urls if (port := urlsplit(url).port)}


def kept(data: Path) -> dict[str, str]:
    """MiniStack's settings for data that outlives it; it saves them when it is asked to end."""
    return {
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "s3"),
    }


async def start_ministack(
    folder: Path, port: int, dynamodb_port: int, traces: str, data: Path | None = None
) -> ChildProcess:
    """Starts MiniStack in a process group of its own, with its temporary files in the folder.

    Args:
        folder: the stack's folder.
        port: where to listen.
        dynamodb_port: where functions call DynamoDB.
        traces: the address of X-Ray's daemon; functions inherit it, as Lambda's get it.
        data: what it begins with, and where it leaves what it has; None for nothing.
    """
    scratch = folder / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    settings = {
        **ministack_settings(port, scratch),
        "AUTH": "true",
        "CLOUDTRAIL_RECORDING": "1",
        PORT_VARIABLE: str(dynamodb_port),
        DAEMON_ADDRESS_KEY: traces,
        "ORDERS_REQUEST_LOG": str(folder / REQUESTS_FILE),
    }
    if data is not None:
        settings |= kept(data)
    with (folder / "logs" / "ministack.log").open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "scripts.local.stack.emulator",
            cwd=scratch,
            env=environment(folder, settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


async def _serve(app: Starlette, listener: socket.socket) -> End:
    config = uvicorn.Config(app, http=JoiningProtocol, log_config=None, access_log=False)
    await Server(config).serve(sockets=[listener])
    return End("a stand-in stopped serving", failed=True)


async def _signal() -> End:
    received = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, received.set)
    await received.wait()
    return End("received a signal")


async def _starter_exits() -> End:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    if await reader.readline() == KEEP:
        await asyncio.Event().wait()  # the starter may end from now on
    return End("the process that started this has ended")


async def _child_ends(child: ChildProcess) -> End:
    code = await child.wait()
    return End(f"MiniStack ended by itself (exit code {code})", failed=True)


async def _let_save(child: ChildProcess) -> None:
    """Asks MiniStack to end, which saves its data, and waits for that."""
    with suppress(ProcessLookupError, TimeoutError):
        child.terminate()
        await asyncio.wait_for(child.wait(), SAVE_SECONDS)


async def _end_group(child: ChildProcess) -> None:
    """Kills MiniStack and its children at once: what is to be saved is saved."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.wait()


if __name__ == "__main__":
    sys.exit(main())
