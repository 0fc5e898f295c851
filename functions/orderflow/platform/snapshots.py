"""SnapStart: what is made before the snapshot, and what restored environments must not share.

On AWS a function's environments are restored from one snapshot that was taken after its init
(https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks.html). What init made costs
them nothing; but they also share what init drew at random, read from a clock or connected to.

For handlers alone: the Lambda runtime brings the hooks' library.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from snapshot_restore_py import (  # type: ignore[import-untyped]
    register_after_restore,
    register_before_snapshot,
)

from orderflow.records import build_models

register_before_snapshot(build_models)

# The generator comes out of the snapshot as it went in, the same in every environment.
register_after_restore(random.seed)


def prepare(*makers: Callable[[], object]) -> None:
    """Has each of these called before the snapshot, and never if there is none.

    Args:
        makers: cached functions that make clients. They must not connect.
    """
    for make in makers:
        register_before_snapshot(make)
