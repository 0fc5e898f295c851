"""The state of a local stack: ``.local/<name>/state.json``, readable only by its owner.

The supervisor writes ``supervisor.json`` beside it as soon as its servers listen; ``state.json``
is written once everything is deployed and seeded, and commands read it.
"""

import os
import re
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from orderflow.validation import problems_in_words
from scripts.local.errors import LocalStackError

PROJECT: Final = Path(__file__).resolve().parents[3]
REGION: Final = "eu-west-1"
ACCOUNT: Final = "000000000000"

#: Where every server of a stack listens.
HOST: Final = "127.0.0.1"
SUPERVISED_FILE: Final = "supervisor.json"
#: Holds what the emulator records of its requests (:mod:`scripts.local.cloudwatch.request_log`).
REQUESTS_FILE: Final = "requests.jsonl"
KEPT_STATE_FILE: Final = "state.json"

#: `up` writes this to the supervisor's standard input when the stack shall outlive it.
KEEP: Final = b"keep\n"

#: MiniStack may take so long to save its data.
SAVE_SECONDS: Final = 60.0


class _Stored(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )

    def save(self, path: Path) -> None:
        """Writes the file atomically, readable only by its owner."""
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self.model_dump_json(by_alias=True, indent=2))
        Path(draft).replace(path)

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Reads the file; None if it does not exist.

        Raises:
            LocalStackError: if its content is invalid.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise LocalStackError(
                f"{path} is damaged ({problems_in_words(error)}). "
                "`orders local down` cleans up; `orders local up` starts afresh."
            ) from error


class Process(_Stored):
    """One process; its creation time distinguishes it from a later process with the same number."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> Self:
        """The running process with this number.

        Raises:
            psutil.NoSuchProcess: if there is none.
        """
        return cls(pid=pid, created=psutil.Process(pid).create_time())

    @property
    def is_running(self) -> bool:
        """Whether this process runs."""
        try:
            process = psutil.Process(self.pid)
            return process.create_time() == self.created and process.status() != "zombie"
        except psutil.NoSuchProcess:
            return False


class Urls(_Stored):
    """The addresses of the parts, without a trailing slash.

    ``dynamodb`` is the proxy of the emulator's DynamoDB that injects faults, ``cognito`` the one of
    its Cognito that asks for the second factor. ``xray`` shows traces.
    """

    aws: str
    paystack: str
    bedrock: str
    front_door: str
    dynamodb: str
    cognito: str
    xray: str

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_build(cls, content: Any) -> Any:
        """Stacks of earlier builds, which `make bench-local` measures.

        Some ask for no second factor, and have no traces.
        """
        if isinstance(content, dict) and "aws" in content:
            return {"cognito": content["aws"], "xray": content["aws"], **content}
        return content

    @property
    def email(self) -> str:
        """Where faults of the emulator's SES are set (:mod:`scripts.local.stand_ins.email_faults`).

        Not imported from there: the command line does without a server's libraries.
        """
        return f"{self.aws}/_email"

    def of(self, service: str) -> str:
        """The endpoint of an AWS service for clients on this machine."""
        return {"cognito-idp": self.cognito, "xray": self.xray}.get(service, self.aws)

    @property
    def graphql(self) -> str:
        """The GraphQL endpoint for customers' apps."""
        return f"{self.front_door}/graphql"

    def local_function_url(self, url: str) -> str:
        """The emulator's address of a Lambda function URL that has the form of AWS's."""
        url_id = urlsplit(url).netloc.partition(".")[0]
        return f"{self.aws}/_aws/lambda-url/{url_id}/"


class Supervised(_Stored):
    """The supervisor's part of the state: processes, addresses, and the factor of time."""

    supervisor: Process
    ministack: Process
    urls: Urls
    time_factor: float = 1.0
    keeps_data: bool = False


class DemoCustomer(_Stored):
    """The customer of this stack. ``totp_secret`` is base32."""

    email: str
    password: str
    totp_secret: str


class LocalState(_Stored):
    """A local stack that is up: deployed, seeded, ready for orders.

    ``outputs`` are the CloudFormation outputs of all its stacks, by key. ``time_factor`` is what
    all durations are divided by (:mod:`scripts.local.time_factor`).
    """

    name: str
    created_at: datetime
    region: str = REGION
    supervisor: Process
    ministack: Process
    urls: Urls
    time_factor: float = 1.0
    outputs: dict[str, str]
    customer: DemoCustomer
    paystack_secret_key: str
    #: Whether `down` keeps the orders, and all else that AWS holds, for the next `up --keep-data`.
    keeps_data: bool = False

    @property
    def webhook_url(self) -> str:
        """The address of the payment webhook on this machine."""
        return self.urls.local_function_url(self.outputs["WebhookUrl"])


class Home:
    """The folder of one local stack: ``$ORDERS_LOCAL_DIR/<name>`` (``.local/<name>``).

    Args:
        name: the stack's name; None for ``$ORDERS_LOCAL_NAME``, else "default".

    Raises:
        LocalStackError: if the name is not valid.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name or os.environ.get("ORDERS_LOCAL_NAME") or "default"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}", self.name):
            raise LocalStackError(f"{self.name!r} is no name for a stack: use letters, digits, -.")
        base = Path(os.environ.get("ORDERS_LOCAL_DIR") or PROJECT / ".local").absolute()
        self.path = base / self.name
        self.lock = base / f"{self.name}.lock"
        self.state = self.path / "state.json"
        self.supervised = self.path / SUPERVISED_FILE
        self.requests = self.path / REQUESTS_FILE
        self.logs = self.path / "logs"
        self.tokens = self.path / "tokens.json"
        #: What outlives the stack, if it is to be kept: the emulator's services, and the state.
        self.data = base / f"{self.name}.data"
        self.kept_state = self.data / KEPT_STATE_FILE
