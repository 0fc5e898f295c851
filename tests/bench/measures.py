"""The measures of the local stack; each is a number that is better when it is smaller."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from botocore.exceptions import ClientError

from scripts.local.stack import aws
from tests.bench.load import LIST, place
from tests.bench.trees import Stack, Tree
from tests.bench.usage import Usage

#: Functions of an order's way, with events that they answer without calling anything.
BURST_FUNCTIONS = ("parse-order", "create-payment-link", "match-products", "verify-payment")
WORKERS = 60
IMPORTS = 3

IMPORT = """
import awslambdaric.bootstrap, {function}.handler, resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""


def first_order_seconds(stack: Stack) -> float:
    """From submission to link, of a fresh stack's first order."""
    return float(json.loads(stack.orders("submit", LIST, "--json"))["elapsedSeconds"])


def worker_seconds(stack: Stack) -> float:
    """Processor seconds of one further worker until it has answered, and of its start."""
    before = Usage.of(stack.state)
    _invoke_at_once(stack, BURST_FUNCTIONS[0], 16)
    after = Usage.of(stack.state)
    ours = after.workers | after.templates
    used = sum(
        seconds - before.processor_seconds.get(process, 0.0)
        for process, seconds in after.processor_seconds.items()
        if process[0] in ours
    )
    return used / max(1, len(after.workers - before.workers))


def workers_pss_mb(stack: Stack) -> float:
    """The memory of 60 warm workers, and of what they are forked from."""
    for width in (16, 24, 32, 48, 64):
        if len(Usage.of(stack.state).workers) >= WORKERS:
            break
        for function in BURST_FUNCTIONS:
            _invoke_at_once(stack, function, width)
    usage = Usage.of(stack.state)
    return usage.workers_pss_mb * WORKERS / len(usage.workers)


def warm_order_ms(stack: Stack) -> float:
    """Processor milliseconds of a warm order to its link, everything together."""
    place(stack, 24, 8)
    return place(stack, 100, 8).processor_ms


def import_seconds(stack: Stack) -> float:
    """Processor seconds to import a handler from its package as deployed: the mean of all."""
    runtime = next((stack.tree.path / ".build").glob("lambda-runtime-*"))
    seconds: list[float] = []
    for function, package in sorted(stack.packages.items()):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "package"  # as unpacked: without what earlier imports left
            shutil.copytree(package, copy)
            environment = {
                "PYTHONPATH": os.pathsep.join(map(str, (copy, *_shared(copy), runtime))),
                "PYTHONDONTWRITEBYTECODE": "1",  # /var/task is read-only
                "AWS_REGION": "eu-west-1",
                "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
                "LAMBDA_TASK_ROOT": str(copy),
                "POWERTOOLS_TRACE_DISABLED": "true",
            }
            code = IMPORT.format(function=function)
            python = str(stack.tree.tools / "python")
            seconds.append(
                statistics.median(
                    float(stack.tree.run(python, "-S", "-c", code, variables=environment))
                    for _ in range(IMPORTS)
                )
            )
    return statistics.mean(seconds)


def _shared(package: Path) -> list[str]:
    """The folders that a local package shares with others: cdk/constructs/functions/bundling."""
    names = package / "packages"
    return names.read_text().split("\n") if names.is_file() else []


def demo_seconds(tree: Tree) -> float:
    """``orders demo``, all of it, where everything is built."""
    folder = tempfile.mkdtemp(prefix="bench-")
    started = time.monotonic()
    tree.run(
        tree.tools / "orders",
        "demo",
        variables={"ORDERS_LOCAL_DIR": folder, "ORDERS_LOCAL_NAME": "bench"},
    )
    shutil.rmtree(folder, ignore_errors=True)
    return time.monotonic() - started


def _invoke_at_once(stack: Stack, function: str, times: int) -> None:
    client = aws.client("lambda", stack.state.urls.aws)

    def invoke(_: int) -> None:
        with suppress(ClientError):  # a throttled invocation starts no worker
            client.invoke(FunctionName=f"grocery-local-{function}:live", Payload=b"{}")

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(invoke, range(times)))
