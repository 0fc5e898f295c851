"""Background work of a stand-in, with the provider's durations divided by one factor."""

import asyncio
from collections.abc import Coroutine


class Schedule:
    """Runs coroutines in the background.

    Args:
        factor: the provider's durations take this fraction of their time: with 360, an hour takes
            ten seconds. ``math.inf`` leaves no time at all.
    """

    def __init__(self, factor: float = 1.0) -> None:
        self._factor = factor
        self._tasks: set[asyncio.Task[None]] = set()

    def scaled(self, seconds: float) -> float:
        """The seconds that a duration of the provider takes here."""
        return seconds / self._factor

    async def wait(self, seconds: float) -> None:
        """Waits for a duration of the provider, given in its own seconds."""
        await asyncio.sleep(self.scaled(seconds))

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Starts work in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Waits until all work has ended, also work that started meanwhile."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Cancels the work that has not ended."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
