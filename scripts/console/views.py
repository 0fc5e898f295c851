"""What the console shows and does, by the names of its requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scripts.cli.console import CommandError, ExitCode
from scripts.console.acts import Act, Acts, Request
from scripts.console.executions.execution import Executions
from scripts.console.operators import Operators
from scripts.console.order import OrderView
from scripts.console.overview.now import Now
from scripts.console.search import Query, Search
from scripts.console.stage import ConsoleStage, Parallel, Reads
from scripts.inspection.order_ids import full_id


class Views:
    """The views of one stage.

    Args:
        stage: the stage.
        operators: who is signed in.
    """

    def __init__(self, stage: ConsoleStage, operators: Operators) -> None:
        self.operators = operators
        parallel = Parallel()
        self._stage = stage
        self._now = Now(stage, parallel)
        self._order = OrderView(stage, parallel)
        self._executions = Executions(stage, parallel)
        self._search = Search(stage)
        self._acts = Acts(stage)

    def now(self, reads: Reads) -> dict[str, Any]:
        """See :class:`Now`."""
        return self._now.view(reads)

    def search(
        self, reads: Reads, q: str = "", status: str = "", since: str = "", after: str = ""
    ) -> dict[str, Any]:
        """See :class:`Search`."""
        return self._search.view(Query.of(q, status, since, after), reads)

    def order(self, reads: Reads, id: str) -> dict[str, Any]:  # noqa: A002 - the path's name
        """See :class:`OrderView`; the id may be abbreviated."""
        return self._order.view(full_id(self._stage.orders, id), reads)

    def paystack(self, reads: Reads, id: str) -> dict[str, Any]:  # noqa: A002, ARG002
        """See :meth:`OrderView.paystack`."""
        return self._order.paystack(id)

    def traces(self, reads: Reads, id: str) -> dict[str, Any]:  # noqa: A002
        """See :meth:`OrderView.traces`."""
        return self._order.traces(id, reads)

    def run(self, reads: Reads, id: str, number: str = "1") -> dict[str, Any]:  # noqa: A002
        """See :meth:`Executions.view`."""
        if not number.isdecimal():
            raise CommandError(f"{number!r} is no number of a run.", ExitCode.REFUSED)
        return self._executions.view(id, int(number), reads)

    def logs(self, reads: Reads, id: str, since: str = "", until: str = "") -> dict[str, Any]:  # noqa: A002, ARG002
        """See :meth:`Executions.logs`; times are ISO 8601."""
        end = _moment(until) if until else None
        return {"lines": self._executions.logs(id, _moment(since), end)}

    def session(self) -> dict[str, Any]:
        """The stage, and who is signed in."""
        operator = self.operators.current()
        return {
            "stage": self._stage.stage,
            "isLocal": self._stage.urls is not None,
            "operator": None
            if operator is None
            else {"email": operator.email, "mayAct": operator.may_act},
            "acts": [*Act],
        }

    def plan(self, request: Request) -> dict[str, Any]:
        """See :meth:`Acts.plan`."""
        return self._acts.plan(request)

    def act(self, request: Request) -> dict[str, Any]:
        """See :meth:`Acts.act`; an operator must be signed in."""
        return self._acts.act(request, self.operators.required())


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no time (ISO 8601).", ExitCode.REFUSED) from error
