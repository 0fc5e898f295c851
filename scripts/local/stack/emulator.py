"""MiniStack, as ``python -m ministack`` starts it, quicker where several requests come at once.

Its Lambda Runtime API writes an answer's head and body separately. Unless the socket is told
otherwise the body waits until the worker's side acknowledges the head, which takes 40 ms at every
invocation: Nagle's algorithm (RFC 896) meets delayed acknowledgements (RFC 1122, 4.2.3.2).

Of the processes that run resolvers' JavaScript it keeps a few, and starts more whenever more
requests come together, only to end them again: each start takes as much work as six requests.
"""

import runpy
from socketserver import StreamRequestHandler

from ministack.core import appsync_js  # type: ignore[import-untyped]

#: Processes for resolvers' JavaScript that are kept although nobody needs them now.
IDLE_RESOLVERS = 8


def main() -> None:
    """Serves until it is told to stop."""
    StreamRequestHandler.disable_nagle_algorithm = True
    appsync_js._pool.max_idle = IDLE_RESOLVERS  # noqa: SLF001 - it has no setting
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
