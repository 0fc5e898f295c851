"""Long lists go to the model in chunks, each bounded in time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.errors import BedrockUnavailable
from orderflow.matching.chooser import Answer, Choice, Question, Unanswered, Usage, no_answer
from orderflow.matching.chunks import CHUNK_SIZE, ChunkedChooser
from tests.support.factories import requested_line

FOREVER = 60.0


def questions(number: int) -> list[Question]:
    return [Question(requested_line(str(each)), ()) for each in range(number)]


def numbers(chunk: Sequence[Question]) -> list[int]:
    return [int(question.line.name) for question in chunk]


def choose_by_name(chunk: Sequence[Question]) -> Answer:
    """Chooses for each question the product that bears its number in the whole list."""
    choices = tuple(
        Choice(place, question.line.name, Decimal(1)) for place, question in enumerate(chunk)
    )
    return Answer(choices, Usage(10, 1))


@given(st.integers(1, 4 * CHUNK_SIZE))
def test_every_question_is_asked_once_in_chunks_of_30_at_most(number: int) -> None:
    asked: list[list[int]] = []

    def choose(chunk: Sequence[Question]) -> Answer:
        asked.append(numbers(chunk))
        return choose_by_name(chunk)

    answer = ChunkedChooser(choose, FOREVER)(questions(number))

    assert sorted(each for chunk in asked for each in chunk) == [*range(number)]
    assert max(map(len, asked)) <= CHUNK_SIZE
    assert [(c.question, c.product_id) for c in answer.choices] == [
        (each, str(each)) for each in range(number)
    ]
    assert answer.usage == Usage(10 * len(asked), len(asked))


def test_all_chunks_are_asked_at_the_same_time() -> None:
    # Passes only where four calls are under way at once.
    together = threading.Barrier(4, timeout=FOREVER)

    def choose(chunk: Sequence[Question]) -> Answer:
        together.wait()
        return choose_by_name(chunk)

    assert len(ChunkedChooser(choose, FOREVER)(questions(100)).choices) == 100


def test_a_chunk_without_an_answer_costs_its_own_lines_alone() -> None:
    def choose(chunk: Sequence[Question]) -> Answer:
        if numbers(chunk)[0] == CHUNK_SIZE:
            raise BedrockUnavailable("no answer")
        return choose_by_name(chunk)

    answer = ChunkedChooser(choose, FOREVER)(questions(70))

    out = range(CHUNK_SIZE, 2 * CHUNK_SIZE)
    assert answer.unanswered == dict.fromkeys(out, Unanswered.UNAVAILABLE)
    assert {choice.question for choice in answer.choices} == {*range(70)} - {*out}


def test_a_chunk_that_takes_too_long_costs_its_own_lines_alone() -> None:
    released = threading.Event()

    def choose(chunk: Sequence[Question]) -> Answer:
        if numbers(chunk)[0] == 0:
            released.wait(FOREVER)
        return choose_by_name(chunk)

    try:
        answer = ChunkedChooser(choose, 0.2)(questions(40))
    finally:
        released.set()

    assert answer.unanswered == dict.fromkeys(range(CHUNK_SIZE), Unanswered.UNAVAILABLE)


def test_without_any_answer_bedrock_is_unavailable() -> None:
    def choose(chunk: Sequence[Question]) -> Answer:
        raise BedrockUnavailable("no answer", retry_after_seconds=len(chunk))

    with pytest.raises(BedrockUnavailable) as raised:
        ChunkedChooser(choose, FOREVER)(questions(40))
    assert raised.value.retry_after_seconds == CHUNK_SIZE


def test_a_refusal_of_one_chunk_is_reported() -> None:
    def choose(chunk: Sequence[Question]) -> Answer:
        if numbers(chunk)[0] == 0:
            return choose_by_name(chunk)
        return no_answer(chunk, Unanswered.UNAVAILABLE, "AccessDeniedException")

    answer = ChunkedChooser(choose, FOREVER)(questions(31))

    assert answer.refusal == "AccessDeniedException"
    assert answer.unanswered == {30: Unanswered.UNAVAILABLE}


def test_a_fault_of_ours_surfaces() -> None:
    def choose(chunk: Sequence[Question]) -> Answer:
        raise KeyError(len(chunk))

    with pytest.raises(KeyError):
        ChunkedChooser(choose, FOREVER)(questions(40))
