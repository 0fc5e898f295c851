"""What operations staff see and do: failures, orders that do not move, replays.

Finds what is stuck and why, records executions that failed, repairs what can be repaired, looks
after links, refunds and disputes, plans and carries out replays.
"""

__all__ = [
    "diagnosis",
    "failures",
    "link_checks",
    "reconciler",
    "replay_plan",
    "replayer",
    "restarts",
    "reversal_checks",
    "session_timeout",
]
