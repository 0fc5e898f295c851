"""What the breakers went through lately, from the audit log: states, probes, operators' modes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from orderflow.breakers.providers import ProviderName
from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.clock import from_epoch_ms, iso
from orderflow.platform.audit import AuditEntry, Outcome
from scripts.cli.operations.audit import AuditTrail, short_name
from scripts.console.stage import ConsoleStage

WINDOW: Final = timedelta(hours=1)

#: Functions' lines reach the audit log some seconds late, and out of order.
_LATE: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Change:
    """A breaker's arrival in a state, after the one ``before``, or an operator's mode."""

    at: datetime
    state: State | None
    mode: Mode | None
    by: str
    reason: str
    before: State | None = None

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return {
            "at": iso(self.at),
            "state": self.state,
            "mode": self.mode,
            "by": short_name(self.by),
            "reason": self.reason,
        }


class BreakerHistory:
    """The breakers' changes of the last hour; each look reads only what is new.

    Args:
        stage: the stage.
    """

    def __init__(self, stage: ConsoleStage) -> None:
        self._trail = AuditTrail(stage)
        self._entries: dict[ProviderName, dict[str, AuditEntry]] = {
            provider: {} for provider in ProviderName
        }
        self._read_until: dict[ProviderName, datetime] = {}

    def changes(self, provider: ProviderName, now: datetime) -> list[Change]:
        """The changes of one breaker in the last hour, the oldest first."""
        begin = now - WINDOW
        since = max(self._read_until.get(provider, begin) - _LATE, begin)
        kept = self._entries[provider]
        kept |= {entry.id: entry for entry in self._trail.entries(since, provider)}
        self._read_until[provider] = now
        old = [key for key, entry in kept.items() if datetime.fromisoformat(entry.at) < begin]
        for key in old:
            del kept[key]
        return changes_in(kept.values())


def changes_in(entries: Iterable[AuditEntry]) -> list[Change]:
    """The changes among audit entries about one breaker, the oldest first."""
    found = [change for entry in entries if (change := _change(entry))]
    return sorted(found, key=lambda change: change.at)


def _change(entry: AuditEntry) -> Change | None:
    if not entry.action.startswith("breaker ") or entry.outcome is Outcome.FAILED:
        return None
    word = entry.action.rpartition(" ")[2]
    at = datetime.fromisoformat(entry.at)
    if " -> " in entry.action:
        before = State(entry.action.split()[1])
        return Change(at, State(word), None, entry.actor, entry.reason, before)
    if word in {*Mode}:
        return Change(at, None, Mode(word), entry.actor, entry.reason)
    return None


def out_since(item: BreakerItem, changes: list[Change]) -> datetime | None:
    """Since when calls are refused; None while all are admitted.

    A breaker that opens again after a failed probe has been out since it opened first.
    """
    if item.admits_all:
        return None
    since: datetime | None = None
    for change in changes:
        if Mode.FORCED_OPEN in (item.mode, change.mode):
            since = change.at if change.mode is Mode.FORCED_OPEN else since
        elif change.state is State.CLOSED:
            since = None
        elif change.state is State.OPEN and since is None:
            since = change.at
    if since is None and item.opened_at:
        return from_epoch_ms(item.opened_at)
    return since


def began_earlier(item: BreakerItem, changes: list[Change]) -> bool:
    """Whether the breaker may have been out before :func:`out_since`: it opened before the changes.

    They are those of the last hour. Until a probe succeeds, a breaker opens again and again.
    """
    if item.mode is Mode.FORCED_OPEN:
        return all(change.mode is not Mode.FORCED_OPEN for change in changes)
    states = [change for change in changes if change.state is not None]
    if any(change.state is State.CLOSED for change in states):
        return False
    return states[0].before is not State.CLOSED if states else item.opens > 1


def back_since(item: BreakerItem, changes: list[Change]) -> datetime | None:
    """Since when all calls are admitted again; None if they are not, or nothing is known."""
    if not item.admits_all:
        return None
    closed = [change.at for change in changes if change.state is State.CLOSED]
    if closed:
        return closed[-1]
    return from_epoch_ms(item.closed_at) if item.closed_at else None
