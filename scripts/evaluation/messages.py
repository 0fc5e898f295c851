"""How well whole messages of shoppers are read: every line of each, and nothing besides.

A line has one or more accepted readings, as a message may mean "2 packs" or "4 kilogram". What is
counted: lines read rightly in quantity, unit and name; the precision, their share of the lines that
the parser produced; and messages whose lines are all right, with none too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from scripts.evaluation.cases.labelled import DATA, split_in_halves
from scripts.evaluation.parsing import ParsedLine, Parser

_QUANTITY_TOLERANCE: Final = Decimal("0.0051")


class AcceptedReading(BaseModel):
    """One reading of a line that is right, under any of its ``names``."""

    model_config = ConfigDict(frozen=True)

    quantity: Decimal = Field(gt=0)
    unit: str
    names: tuple[str, ...] = Field(min_length=1)

    def accepts(self, line: ParsedLine) -> bool:
        """Whether the parser's line is this reading; case says nothing."""
        return (
            abs(self.quantity - line.quantity) <= _QUANTITY_TOLERANCE
            and self.unit == line.unit
            and line.name.casefold() in {name.casefold() for name in self.names}
        )


class MessageLine(BaseModel):
    """A thing that a message asks for, with all readings that are right."""

    model_config = ConfigDict(frozen=True)

    accept: tuple[AcceptedReading, ...] = Field(min_length=1)

    def is_read_by(self, line: ParsedLine) -> bool:
        """Whether the parser's line is one of the readings."""
        return any(reading.accepts(line) for reading in self.accept)


class Message(BaseModel):
    """A shopper's message as written, the kinds that it is of, and what it asks for."""

    model_config = ConfigDict(frozen=True)

    id: str
    tags: tuple[str, ...]
    text: str
    lines: tuple[MessageLine, ...]


@dataclass(frozen=True, slots=True)
class MessageAccuracy:
    """How messages of one slice were read.

    ``produced`` counts the parser's lines, ``whole`` the messages without any mistake.
    """

    slice: str
    messages: int
    lines: int
    right: int
    produced: int
    whole: int

    @property
    def recall(self) -> float:
        """The share of the lines that are read rightly, 0 to 1."""
        return self.right / self.lines if self.lines else 0.0

    @property
    def precision(self) -> float:
        """The share of the parser's lines that are right, 0 to 1."""
        return self.right / self.produced if self.produced else 0.0

    @property
    def whole_share(self) -> float:
        """The share of the messages without any mistake, 0 to 1."""
        return self.whole / self.messages if self.messages else 0.0


def load_messages(path: Path) -> tuple[Message, ...]:
    """The labelled messages of a file.

    Raises:
        pydantic.ValidationError: a line of the file is no labelled message.
    """
    with path.open(encoding="utf-8") as lines:
        return tuple(Message.model_validate_json(line) for line in lines)


def score_all_messages(parser: Parser) -> list[MessageAccuracy]:
    """The accuracy on all messages by where they are from, then by tag.

    Tags are scored apart on the messages that the parser was not tuned on.
    """
    names = ("dev", "more", "held_out", "outside", "outside_held_out", "second", "fresh")
    given, more, held_out, outside, outside_held_out, second, fresh = (
        load_messages(DATA / f"shoppers_{name}.jsonl") for name in names
    )
    fresh_held_out = load_messages(DATA / "shoppers_fresh_held_out.jsonl")
    own_tuning, own_held_out = split_in_halves(load_messages(DATA / "shoppers_own.jsonl"))
    return [
        score_messages("shoppers, development", parser, given),
        score_messages("shoppers, own, tuning", parser, own_tuning),
        score_messages("shoppers, own, held out", parser, own_held_out),
        score_messages("shoppers, more, tuning", parser, more),
        score_messages("shoppers, new, held out", parser, held_out),
        score_messages("shoppers, outside, tuning", parser, outside),
        score_messages("shoppers, outside, held out", parser, outside_held_out),
        score_messages("shoppers, second, tuning", parser, second),
        score_messages("shoppers, fresh, tuning", parser, fresh),
        score_messages("shoppers, fresh, held out", parser, fresh_held_out),
        *_score_tags("held out: ", parser, held_out),
        *_score_tags("outside, held out: ", parser, outside_held_out),
        *_score_tags("fresh, held out: ", parser, fresh_held_out),
        *_score_tags("outside: ", parser, outside),
        *_score_tags("", parser, (*given, *own_tuning, *own_held_out, *more)),
    ]


def _score_tags(
    prefix: str, parser: Parser, messages: Sequence[Message]
) -> Iterator[MessageAccuracy]:
    for tag in sorted({tag for message in messages for tag in message.tags}):
        tagged = [message for message in messages if tag in message.tags]
        yield score_messages(f"{prefix}{tag}", parser, tagged)


def score_messages(slice_: str, parser: Parser, messages: Iterable[Message]) -> MessageAccuracy:
    """The accuracy on these messages."""
    count = lines = right = produced = whole = 0
    for message in messages:
        parsed = parser(message.text)
        found = _right(message.lines, parsed)
        count += 1
        lines += len(message.lines)
        right += found
        produced += len(parsed)
        whole += found == len(message.lines) == len(parsed)
    return MessageAccuracy(slice_, count, lines, right, produced, whole)


def _right(labels: Sequence[MessageLine], parsed: Sequence[ParsedLine]) -> int:
    """How many labels have a line of their own that is one of their readings."""
    left = list(parsed)
    found = 0
    for label in labels:
        match = next((line for line in left if label.is_read_by(line)), None)
        if match is not None:
            left.remove(match)
            found += 1
    return found
