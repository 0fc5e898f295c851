"""Traces (AWS X-Ray), for handlers alone.

A module of its own: X-Ray's library reads AWS settings when it is imported, which the command line
may lack.
"""

from aws_lambda_powertools import Tracer
from aws_xray_sdk.core import xray_recorder  # type: ignore[import-untyped]
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter  # type: ignore[import-untyped]
from aws_xray_sdk.core.sampling.local.sampler import (  # type: ignore[import-untyped]
    LocalSampler,
)
from snapshot_restore_py import (  # type: ignore[import-untyped]
    register_after_restore,
    register_before_snapshot,
)

tracer = Tracer()


def _close_socket() -> None:
    """The recorder opens it when it is imported. Nothing open belongs in a snapshot."""
    xray_recorder.emitter = None


def _start_again() -> None:
    """A socket for the restored environment's daemon; a clock and random numbers of its own."""
    xray_recorder.configure(emitter=UDPEmitter(), sampler=LocalSampler())


register_before_snapshot(_close_socket)
register_after_restore(_start_again)
