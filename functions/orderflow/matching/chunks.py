"""Asks the model about a long list in chunks, all at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from orderflow.errors import BedrockUnavailable
from orderflow.matching.chooser import (
    Answer,
    Choice,
    Chooser,
    Question,
    Unanswered,
    Usage,
    no_answer,
)

#: The most questions in one call: their answer is written well within the call's timeout.
CHUNK_SIZE: Final = 30


class ChunkedChooser:
    """A :class:`~orderflow.matching.chooser.Chooser` that asks another about at most 30 lines.

    Args:
        inner: answers one chunk; called by several threads at once.
        seconds: a chunk that has no answer after this time gets none.
    """

    def __init__(self, inner: Chooser, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    def __call__(self, questions: Sequence[Question]) -> Answer:
        """Answer all the questions. A chunk without an answer costs its own questions alone.

        Raises:
            BedrockUnavailable: no chunk has an answer.
        """
        chunks = [
            questions[start : start + CHUNK_SIZE] for start in range(0, len(questions), CHUNK_SIZE)
        ]
        pool = ThreadPoolExecutor(max(len(chunks), 1))
        try:
            futures = [pool.submit(self._inner, chunk) for chunk in chunks]
            wait(futures, self._seconds)
            outcomes = [_outcome(future) for future in futures]
        finally:
            # A call that hangs ends by its own timeouts.
            pool.shutdown(wait=False, cancel_futures=True)
        failures = [each for each in outcomes if isinstance(each, BedrockUnavailable)]
        if failures and len(failures) == len(outcomes):
            raise failures[0]
        answers = [
            each if isinstance(each, Answer) else no_answer(chunk, Unanswered.UNAVAILABLE)
            for chunk, each in zip(chunks, outcomes, strict=True)
        ]
        return _merged(answers)


def _outcome(future: Future[Answer]) -> Answer | BedrockUnavailable:
    if not future.done():
        return BedrockUnavailable("Bedrock did not answer in time.")
    error = future.exception()
    if isinstance(error, BedrockUnavailable):
        return error
    return future.result()


def _merged(answers: Iterable[Answer]) -> Answer:
    """One answer, with the questions of all chunks numbered through."""
    choices: list[Choice] = []
    unanswered: dict[int, Unanswered] = {}
    usage, refusal = Usage(), None
    for number, answer in enumerate(answers):
        first = number * CHUNK_SIZE
        choices += [
            Choice(first + each.question, each.product_id, each.confidence)
            for each in answer.choices
        ]
        unanswered |= {first + question: why for question, why in answer.unanswered.items()}
        usage += answer.usage
        refusal = refusal or answer.refusal
    return Answer(tuple(choices), usage, unanswered, refusal)
