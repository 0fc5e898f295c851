"""MiniStack's Lambda service, starting its workers from snapshots."""

from __future__ import annotations

import json
import logging
import os
import socketserver
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from ministack.core import lambda_runtime  # type: ignore[import-untyped]
from ministack.services import lambda_svc  # type: ignore[import-untyped]

from cdk.constructs.functions.bundling import PACKAGES_FILE
from scripts.local.snapshots.host import Templates
from scripts.local.snapshots.support import why_not
from scripts.local.snapshots.workers import LocalWorker, PatientServer

#: Takes a function's name and options, and answers with a status, headers and a body.
Publish = Callable[[str, dict[str, Any]], Any]

#: Functions that no order reaches between its submission and its payment. Initializing them at
#: once would take as long as the others, before which they may come.
INITIALIZED_WHEN_CALLED: Final = frozenset(
    {
        "handle_dead_letters", "operations_api", "reconcile_orders",
        "record_email_feedback", "record_failures", "recover_orders", "refund_payment",
        "run_canary",
    }
)  # fmt: skip

log = logging.getLogger("snapshots")


def install() -> Templates | None:
    """Makes MiniStack fork its workers, where that is wanted and safe; else logs why not.

    Returns:
        What the workers are forked from; None where they start as fresh processes.
    """
    lambda_runtime.ProvidedWorker = LocalWorker
    socketserver.ThreadingTCPServer = PatientServer  # type: ignore[misc]
    reason = why_not()
    if reason:
        log.warning("Workers start as fresh processes: %s", reason)
        return None
    templates = Templates()
    starter = Starter(templates)
    lambda_runtime.subprocess = SimpleNamespace(
        **{**vars(subprocess), "Popen": starter.start_worker}
    )
    lambda_svc._publish_version = starter.initializing(lambda_svc._publish_version)
    return templates


class Starter:
    """Takes the place of :class:`subprocess.Popen` in MiniStack's Lambda service."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        # One at a time: a whole deployment at once would leave no processor to anything else.
        self._initializing = ThreadPoolExecutor(1, "snapshots")

    def start_worker(
        self, command: list[str], *, cwd: str, env: Mapping[str, str], **options: Any
    ) -> Any:
        """Starts a worker of one of our functions; anything else is a process as before."""
        if not is_ours(env):
            return subprocess.Popen(command, cwd=cwd, env=env, **options)  # noqa: S603  # nosec B603
        return self._templates.start_worker(worker_environment(env), cwd)

    def initializing(self, publish: Publish) -> Publish:
        """``publish``, which also sets off the init phase of the version that it publishes.

        That of the functions in :data:`INITIALIZED_WHEN_CALLED` waits for their first invocation.
        """

        def publish_and_initialize(name: str, options: dict[str, Any]) -> Any:
            answer = publish(name, options)
            status, _, body = answer
            if status == HTTPStatus.CREATED:
                version = lambda_svc._functions[name]["versions"][json.loads(body)["Version"]]
                if _folder(version) not in INITIALIZED_WHEN_CALLED:
                    # MiniStack keeps the account and region of a request in its context.
                    self._initializing.submit(copy_context().run, self._initialize, version)
            return answer

        return publish_and_initialize

    def _initialize(self, version: dict[str, Any]) -> None:
        folder = lambda_svc._provided_runtime_code_dir(version["code_zip"])
        environment = lambda_svc._provided_worker_env(version["config"], folder, port=0)
        if is_ours(environment):
            self._templates.template(worker_environment(environment), folder).wait_until_ready()


def _folder(version: dict[str, Any]) -> str:
    """The function's folder below ``functions/``: the first part of its handler's name."""
    return str(version["config"]["Handler"]).partition(".")[0]


def is_ours(environment: Mapping[str, str]) -> bool:
    """Whether a function's bootstrap would start the runtime client (``local_bootstrap.sh``)."""
    return "ORDERS_LOCAL_PYTHON" in environment and "ORDERS_LOCAL_RUNTIME_DIR" in environment


def worker_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What the bootstrap would make of it, and what Lambda says of a snapshot."""
    root = Path(environment["LAMBDA_TASK_ROOT"])
    named = root / PACKAGES_FILE
    shared = named.read_text("utf-8").splitlines() if named.exists() else ()
    path = (str(root), *shared, environment["ORDERS_LOCAL_RUNTIME_DIR"])
    return {
        **environment,
        "PYTHONPATH": os.pathsep.join(path),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
    }
