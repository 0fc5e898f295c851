"""Deploys the CDK app into a running emulator and seeds it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from httpx import HTTPError

from orderflow.errors import OrderflowError
from scripts.local.errors import LocalStackError
from scripts.local.hotswap.definition import Definition
from scripts.local.hotswap.errors import SaveError
from scripts.local.hotswap.functions import Functions
from scripts.local.stack import deploy, seed
from scripts.local.stack.state import Home, LocalState, Supervised, Urls

#: Called with a step's name when it starts (seconds None) and when it ends.
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Steps:
    """Reports the start and the time of each step.

    An error of AWS or of a stand-in within a step becomes a :class:`LocalStackError`.
    """

    on_progress: Progress

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Run one step."""
        self.on_progress(name, None)
        started = time.monotonic()
        try:
            yield
        except (BotoCoreError, ClientError, HTTPError, OrderflowError, SaveError) as error:
            raise LocalStackError(f"{name}: {error}") from error
        self.on_progress(name, time.monotonic() - started)


@dataclass(frozen=True)
class Emulator:
    """An emulator that may still be starting.

    Attributes:
        time_factor: what its stack's durations are divided by.
        ready: waits until it answers.
    """

    time_factor: float
    ready: Callable[[], Supervised]


def publish_differences(urls: Urls, outputs: dict[str, str], factor: float, runtime: Path) -> None:
    """Takes back what `orders local watch` has published and the sources no longer say.

    CloudFormation does not see it: it compares templates.
    """
    functions = Functions(urls, runtime)
    functions.sync(functions.folders)
    Definition(urls, outputs, factor, functions.live_version).sync()


def provision(home: Home, emulator: Emulator, step: Steps, before: LocalState | None) -> LocalState:
    """Deploys the current sources, and seeds what ``before``, the earlier state, does not have.

    What is deployed is built while the emulator starts.

    Where another supervisor left that state, the data of AWS were kept, and the stand-ins begin
    anew: the catalog stays, and the customer sets up an authenticator again.
    """
    with step("Build the functions and the CDK app"):
        built = deploy.build(home, emulator.time_factor)
    supervised = emulator.ready()
    urls = supervised.urls
    restarted = before is not None and before.supervisor != supervised.supervisor
    with step("Deploy them"):
        outputs = deploy.deploy(home, urls, built.app)
    if before is not None:
        with step("Publish what is deployed in another version"):
            publish_differences(urls, outputs, supervised.time_factor, built.runtime)
    if not restarted:
        with step("Load the catalog"):
            seed.load_catalog(urls, outputs)
    with step("Connect PayStack, e-mail and the API"):
        secret_key = before.paystack_secret_key if before else seed.new_paystack_key()
        seed.connect_paystack(urls, outputs, secret_key)
        seed.verify_sender(urls, outputs)
        seed.open_front_door(urls, outputs)
        seed.set_web_acls(urls, home)
        seed.put_composite_alarms(urls, home, outputs)
        seed.set_app_client(urls, outputs)
        seed.open_operations_mailbox(urls, outputs)
    with step("Sign up the demo customer"):
        if before is None:
            customer = seed.create_customer(home, urls, outputs)
        elif restarted:
            customer = seed.enrol_customer(home, urls, outputs, before.customer.password)
        else:
            customer = before.customer
    return LocalState(
        name=home.name,
        created_at=before.created_at if before else datetime.now(UTC),
        supervisor=supervised.supervisor,
        ministack=supervised.ministack,
        urls=urls,
        time_factor=supervised.time_factor,
        outputs=outputs,
        customer=customer,
        paystack_secret_key=secret_key,
        keeps_data=supervised.keeps_data,
    )
