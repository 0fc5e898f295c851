"""MiniStack's Lambda service in this process, with functions of a few lines each."""

from __future__ import annotations

import io
import socketserver
import sys
import textwrap
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import awslambdaric
import pytest
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from cdk.constructs.functions.bundling import BOOTSTRAP
from scripts.local.snapshots import emulated
from scripts.local.snapshots.host import Templates
from scripts.local.snapshots.support import SWITCH

#: The folder that plays the Lambda runtime: this environment's own packages.
RUNTIME = Path(awslambdaric.__file__).parents[1]
ARN = "arn:aws:lambda:eu-west-1:000000000000:function:tested"


class EmulatedLambda:
    """Installs the snapshots, or leaves them off, until :meth:`close`.

    Attributes:
        templates: what workers are forked from; None where snapshots are off.
    """

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path, *, snapshots: bool) -> None:
        patch.setenv(SWITCH, "on" if snapshots else "off")
        patch.setattr(lambda_svc, "_PROVIDED_CODE_CACHE", str(folder / "code"))
        patch.setattr(lambda_svc, "_provided_code_dirs", {})
        for owner, name in (
            (lambda_runtime, "subprocess"),
            (lambda_runtime, "ProvidedWorker"),
            (socketserver, "ThreadingTCPServer"),
            (lambda_svc, "_publish_version"),
        ):
            patch.setattr(owner, name, getattr(owner, name))  # undone with the rest
        self._workers: list[EmulatedWorker] = []
        self.templates: Templates | None = emulated.install()

    def worker(
        self,
        code: str,
        timeout: float = 10,
        arn: str = ARN,
        environment: Mapping[str, str] | None = None,
    ) -> EmulatedWorker:
        """A further worker of a function with this module as its handler."""
        function = function_record(code, timeout, arn, environment or {})
        worker = EmulatedWorker(function["config"], function["code_zip"])
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        """Ends all workers and templates."""
        for worker in self._workers:
            if worker.emulated._proc:
                worker.emulated._proc.kill()  # else each has two seconds to end by itself
        lambda_runtime.kill_workers([each.emulated for each in self._workers])
        if self.templates:
            self.templates.close()


class EmulatedWorker:
    """One execution environment of a function."""

    def __init__(self, config: dict[str, Any], package: bytes) -> None:
        self.emulated = lambda_runtime.ProvidedWorker("tested", config, package)
        self.log = ""

    def invoke(self, event: Any = None, trace: str | None = None) -> Any:
        """The handler's result; ``trace`` is the header of X-Ray.

        Raises:
            InvocationError: it failed, or there is no worker to run it.
        """
        try:
            answer = self.emulated.invoke(event, "1", trace_id=trace)
        except lambda_runtime.ProvidedRuntimeError as error:
            raise InvocationError(error.error_type, str(error)) from error
        self.log = answer["log"]
        if answer["status"] == "ok":
            return answer["result"]
        problem = answer["error_payload"]
        raise InvocationError(problem["errorType"], problem["errorMessage"])


class InvocationError(Exception):
    """An invocation's error, as the caller gets it."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name, message)
        self.name = name


def function_record(
    code: str, timeout: float, arn: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    """A function as MiniStack keeps it, packed as the local stage packs ours."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        # Without the time of day: the same code is the same package.
        archive.writestr(zipfile.ZipInfo("tested.py"), textwrap.dedent(code))
        archive.writestr(zipfile.ZipInfo("bootstrap"), BOOTSTRAP.read_text())
    variables = {
        "ORDERS_LOCAL_PYTHON": sys.executable,
        "ORDERS_LOCAL_RUNTIME_DIR": str(RUNTIME),
        **environment,
    }
    config = {
        "FunctionName": "tested",
        "FunctionArn": arn,
        "Runtime": "provided.al2023",
        "Handler": "tested.lambda_handler",
        "Timeout": timeout,
        "Environment": {"Variables": variables},
    }
    return {"config": config, "code_zip": package.getvalue()}
