"""``orders dead-letters``: what could not be handled, why, and what becomes of it."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Self

import typer
from rich.table import Table

from orderflow.clock import from_epoch_ms, iso, utc_now
from orderflow.recovery.dead_letters import REASON, RETRIES, SOURCE
from scripts.cli.console import CommandError, ExitCode, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.durations import age
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Reason, Stage

#: A letter that was read is hidden from others for so long.
_HIDDEN_SECONDS: Final = 20
_MOST: Final = 1000

#: Waiting for messages asks all of SQS's servers, not some.
_WAIT_SECONDS = 1

app = typer.Typer(
    help="Messages and events that could not be handled (runbook poison-messages.md).",
    no_args_is_help=True,
)

_Id = Annotated[str, typer.Argument(help="The letter's id, or its beginning.")]


@dataclass(frozen=True)
class KeptLetter:
    """A dead letter that waits for operations."""

    id: str
    since: datetime
    source: str
    reason: str
    retries: int
    body: str
    receipt: str

    @classmethod
    def of(cls, message: dict[str, Any]) -> KeptLetter:
        """Read it from SQS's message."""
        attributes = {
            name: each.get("StringValue", "")
            for name, each in message.get("MessageAttributes", {}).items()
        }
        return cls(
            id=message["MessageId"],
            since=from_epoch_ms(int(message["Attributes"]["SentTimestamp"])),
            source=attributes.get(SOURCE, ""),
            reason=attributes.get(REASON, ""),
            retries=int(attributes.get(RETRIES) or 0),
            body=message["Body"],
            receipt=message["ReceiptHandle"],
        )

    def as_json(self) -> dict[str, Any]:
        """Its JSON, without the content, which may hold customers' data."""
        shown = {name: value for name, value in asdict(self).items() if name != "receipt"}
        return {**shown, "since": iso(self.since), "body": None}


@app.command("list")
def list_letters(json: Json = False, stage: Stage = LOCAL) -> None:
    """List the letters that were not tried again, with their reasons."""
    with _Kept(connect(stage)) as kept:
        letters = sorted(kept.letters, key=lambda each: each.since)
    if json:
        print_json([each.as_json() for each in letters])
    elif letters:
        out.print(_table(letters))
        err.print("Next: orders dead-letters show ID, and retry or drop it.")
    else:
        err.print("There are no dead letters.")


@app.command()
def show(letter_id: _Id, json: Json = False, stage: Stage = LOCAL) -> None:
    """Show one letter with its content, which may hold a customer's data."""
    with _Kept(connect(stage)) as kept:
        letter = kept.find(letter_id)
    if json:
        print_json({**letter.as_json(), "body": letter.body})
        return
    out.print(_table([letter]))
    out.print(plain(letter.body), soft_wrap=True)


@app.command()
def retry(letter_id: _Id, *, reason: Reason, stage: Stage = LOCAL) -> None:
    """Send a letter again to what could not handle it, once the cause is mended."""
    deployment = connect(stage)
    with _Kept(deployment) as kept:
        letter = kept.find(letter_id)
        target = _target(letter)
        with AuditTrail(deployment).act("retry dead letter", letter.id, reason):
            _send_again(deployment, letter, target)
            kept.delete(letter)
    out.print(f"Sent again to {target}. If it fails, it comes back here.")


@app.command()
def drop(letter_id: _Id, *, reason: Reason, stage: Stage = LOCAL) -> None:
    """Delete a letter that nothing needs any more."""
    deployment = connect(stage)
    with _Kept(deployment) as kept:
        letter = kept.find(letter_id)
        with AuditTrail(deployment).act("drop dead letter", letter.id, reason):
            kept.delete(letter)
    out.print(f"Dropped {letter.id}.")


class _Kept:
    """The letters in the queue; those that are left become visible again at the end."""

    def __init__(self, deployment: Deployment) -> None:
        self._sqs = deployment.client("sqs")
        self._url = deployment.output("KeptLettersQueueUrl")
        self._deleted: set[str] = set()
        self.letters: list[KeptLetter] = []

    def __enter__(self) -> Self:
        self.letters = [*self._received()]
        return self

    def __exit__(self, *_: object) -> None:
        for letter in self.letters:
            if letter.id not in self._deleted:
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                )

    def _received(self) -> Iterator[KeptLetter]:
        seen: set[str] = set()
        while len(seen) < _MOST:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                MessageAttributeNames=["All"],
                AttributeNames=["SentTimestamp"],
                WaitTimeSeconds=_WAIT_SECONDS,
            )
            new = [each for each in answer.get("Messages", []) if each["MessageId"] not in seen]
            if not new:
                return
            seen |= {each["MessageId"] for each in new}
            yield from map(KeptLetter.of, new)

    def find(self, letter_id: str) -> KeptLetter:
        """The letter whose id begins so.

        Raises:
            CommandError: there is none, or several.
        """
        found = [each for each in self.letters if each.id.startswith(letter_id)]
        if len(found) != 1:
            many = f"{len(found)} letters begin with {letter_id!r}: give more of the id."
            none = f"There is no dead letter {letter_id!r}: see `orders dead-letters list`."
            raise CommandError(many if found else none, ExitCode.NOT_FOUND)
        return found[0]

    def delete(self, letter: KeptLetter) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
        self._deleted.add(letter.id)


def _target(letter: KeptLetter) -> str:
    """What a letter is sent to again: the name of a function, or the queue of parked orders.

    Raises:
        CommandError: its content is not in it.
    """
    content = _content(letter)
    if "DDBStreamBatchInfo" in content:
        raise CommandError(
            "The records of a stream are not in the letter. `orders reconcile` repairs their "
            "orders; then drop the letter.",
            ExitCode.REFUSED,
        )
    if "requestPayload" in content:
        return str(content["requestContext"]["functionArn"])
    if "detail-type" in content:
        raise CommandError(
            "EventBridge could not deliver this event. `orders reconcile` finds what it would have "
            "reported; then drop the letter.",
            ExitCode.REFUSED,
        )
    return "the queue of parked orders"


def _send_again(deployment: Deployment, letter: KeptLetter, target: str) -> None:
    if target.startswith("arn:"):
        payload = json_module.dumps(_content(letter)["requestPayload"])
        deployment.client("lambda").invoke(
            FunctionName=target, InvocationType="Event", Payload=payload.encode()
        )
        return
    deployment.client("sqs").send_message(
        QueueUrl=deployment.output("ParkedOrdersQueueUrl"), MessageBody=letter.body
    )


def _content(letter: KeptLetter) -> dict[str, Any]:
    try:
        content = json_module.loads(letter.body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _table(letters: list[KeptLetter]) -> Table:
    table = Table("Letter", "Waits", "From", "Tried again", "Reason", box=None)
    for letter in letters:
        table.add_row(
            letter.id[:8],
            age(letter.since, utc_now()),
            letter.source,
            str(letter.retries),
            plain(letter.reason),
        )
    return table
