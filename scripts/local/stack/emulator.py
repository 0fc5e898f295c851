"""Runs MiniStack as ``python -m ministack`` does, with two settings for concurrent requests.

Its Lambda Runtime API writes an answer's head and body separately. By default the body waits until
the worker acknowledges the head, which takes 40 ms at every invocation: Nagle's algorithm
(RFC 896) meets delayed acknowledgements (RFC 1122, 4.2.3.2).

It keeps a few of the processes that run resolvers' JavaScript, and starts and ends more for
concurrent requests: each start takes as much work as six requests.
"""

import runpy
from socketserver import StreamRequestHandler

from ministack.core import appsync_js  # type: ignore[import-untyped]

#: Processes for resolvers' JavaScript that are kept while they are idle.
IDLE_RESOLVERS = 8


def main() -> None:
    """Serves until a signal stops it."""
    StreamRequestHandler.disable_nagle_algorithm = True
    appsync_js._pool.max_idle = IDLE_RESOLVERS  # noqa: SLF001 - it has no setting
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
