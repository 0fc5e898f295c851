"""Versions and aliases in MiniStack, as Step Functions and CloudFormation have them.

MiniStack stores them, but runs every execution on the newest definition, ignores weights, and its
CloudFormation has no resources for them. Deployments here shift aliases step by step and go back
when an alarm rings, so that a rehearsal of a roll-back shows what AWS is asked to do.
"""

__all__ = ["install"]

from scripts.local.releases import concurrency, deployments, executions


def install() -> None:
    """Replaces the parts of MiniStack that start executions and deploy aliases."""
    executions.install()
    deployments.install()
    concurrency.install()
