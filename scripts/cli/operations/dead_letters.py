"""``orders dead-letters``: what could not be handled, why, and what becomes of it."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Self

import typer
from rich.table import Table

from orderflow.clock import from_epoch_ms, iso, to_epoch_ms, utc_now
from orderflow.recovery.dead_letters import REASON, RETRIES, SOURCE
from scripts.cli.console import CommandError, ExitCode, err, out, plain, print_json
from scripts.cli.deployment import LOCAL, Deployment, connect
from scripts.cli.durations import age
from scripts.cli.operations.audit import AuditTrail
from scripts.cli.options import Json, Reason, Stage

#: A letter that was read is hidden from others for so long.
_HIDDEN_SECONDS: Final = 20
_MOST: Final = 1000
#: So many characters of an id are shown.
_SHORT: Final = 8
#: SQS keeps messages for so long.
_KEPT_DAYS: Final = 14

#: Waiting for messages asks all of SQS's servers, not some.
_WAIT_SECONDS = 1

app = typer.Typer(
    help="Messages and events that could not be handled (runbook poison-messages.md).",
    no_args_is_help=True,
)

_Id = Annotated[str, typer.Argument(help="The letter's id, or its beginning.")]


#: The attributes of a letter that an operator keeps: why, and when it was kept first (epoch ms).
_SEEN: Final = "seen"
_SINCE: Final = "since"


@dataclass(frozen=True)
class KeptLetter:
    """A dead letter that waits for operations.

    ``seen`` is why an operator keeps it; empty while none has looked at it. ``queue`` is the
    address of the queue that holds it.
    """

    id: str
    since: datetime
    source: str
    reason: str
    retries: int
    seen: str
    body: str
    queue: str
    receipt: str

    @classmethod
    def of(cls, message: dict[str, Any], queue: str) -> KeptLetter:
        """Read it from SQS's message."""
        attributes = {
            name: each.get("StringValue", "")
            for name, each in message.get("MessageAttributes", {}).items()
        }
        return cls(
            id=message["MessageId"],
            since=from_epoch_ms(
                int(attributes.get(_SINCE) or message["Attributes"]["SentTimestamp"])
            ),
            source=attributes.get(SOURCE, ""),
            reason=attributes.get(REASON, ""),
            retries=int(attributes.get(RETRIES) or 0),
            seen=attributes.get(_SEEN, ""),
            body=message["Body"],
            queue=queue,
            receipt=message["ReceiptHandle"],
        )

    def as_json(self) -> dict[str, Any]:
        """Its JSON, without the content, which may hold customers' data."""
        hidden = {"queue", "receipt"}
        shown = {name: value for name, value in asdict(self).items() if name not in hidden}
        return {**shown, "since": iso(self.since), "body": None}


@app.command("list")
def list_letters(json: Json = False, stage: Stage = LOCAL) -> None:
    """List the letters that were not tried again, with their reasons, and those that are kept."""
    with _Kept(connect(stage)) as kept:
        letters = sorted(kept.letters, key=lambda each: each.since)
    if json:
        print_json([each.as_json() for each in letters])
    elif letters:
        out.print(_table(letters))
        if not all(each.seen for each in letters):
            err.print("Next: orders dead-letters show ID, and retry, drop or keep it.")
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


@app.command()
def keep(letter_id: _Id, *, reason: Reason, stage: Stage = LOCAL) -> None:
    """Keep a letter that you have looked at: its alarm ends, and the next letter pages again."""
    deployment = connect(stage)
    with _Kept(deployment) as kept:
        letter = kept.find(letter_id)
        with AuditTrail(deployment).act("keep dead letter", letter.id, reason):
            kept_as = kept.set_aside(letter, reason)
    out.print(f"Kept as {kept_as} for {_KEPT_DAYS} days, and listed; nothing alarms about it.")


class _Kept:
    """The letters in the two queues; those that are left become visible again at the end."""

    def __init__(self, deployment: Deployment) -> None:
        self._sqs = deployment.client("sqs")
        self._seen_url = deployment.output("SeenLettersQueueUrl")
        self._urls = (deployment.output("KeptLettersQueueUrl"), self._seen_url)
        self._deleted: set[str] = set()
        self.letters: list[KeptLetter] = []

    def __enter__(self) -> Self:
        self.letters = [letter for url in self._urls for letter in self._received(url)]
        return self

    def __exit__(self, *_: object) -> None:
        for letter in self.letters:
            if letter.id not in self._deleted:
                self._sqs.change_message_visibility(
                    QueueUrl=letter.queue, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                )

    def _received(self, url: str) -> Iterator[KeptLetter]:
        seen: set[str] = set()
        while len(seen) < _MOST:
            answer = self._sqs.receive_message(
                QueueUrl=url,
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
            for message in new:
                yield KeptLetter.of(message, url)

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
        self._sqs.delete_message(QueueUrl=letter.queue, ReceiptHandle=letter.receipt)
        self._deleted.add(letter.id)

    def set_aside(self, letter: KeptLetter, why: str) -> str:
        """Move a letter to those that operations keep; its new id."""
        attributes = {
            SOURCE: letter.source,
            REASON: letter.reason,
            RETRIES: str(letter.retries),
            _SINCE: str(to_epoch_ms(letter.since)),
            _SEEN: why,
        }
        answer = self._sqs.send_message(
            QueueUrl=self._seen_url,
            MessageBody=letter.body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
                if value
            },
        )
        self.delete(letter)
        return str(answer["MessageId"])[:_SHORT]


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
    table = Table("Letter", "Waits", "From", "Tried again", "Reason", "Kept", box=None)
    for letter in letters:
        table.add_row(
            letter.id[:_SHORT],
            age(letter.since, utc_now()),
            letter.source,
            str(letter.retries),
            plain(letter.reason),
            plain(letter.seen),
        )
    return table
