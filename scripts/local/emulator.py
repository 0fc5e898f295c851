"""MiniStack, as ``python -m ministack`` starts it, with answers that leave at once.

Its Lambda Runtime API writes an answer's head and body separately. Unless the socket is told
otherwise the body waits until the worker's side acknowledges the head, which takes 40 ms at every
invocation: Nagle's algorithm (RFC 896) meets delayed acknowledgements (RFC 1122, 4.2.3.2).
"""

import runpy
from socketserver import StreamRequestHandler


def main() -> None:
    """Serves until it is told to stop."""
    StreamRequestHandler.disable_nagle_algorithm = True
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
