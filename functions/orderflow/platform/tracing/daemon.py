"""X-Ray's daemon, which takes segment documents by UDP and loses those that it can't take."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

#: Lambda names the daemon's address in it: ``HOST:PORT``, or ``tcp:HOST:PORT udp:HOST:PORT``.
ADDRESS_VARIABLE: Final = "AWS_XRAY_DAEMON_ADDRESS"

#: The first line of a datagram.
HEADER: Final = b'{"format": "json", "version": 1}\n'

#: The file by which X-Ray's SDKs for all languages tell Lambda that subsegments will come.
_MARK: Final = Path("/tmp/.aws-xray/initialized")  # noqa: S108  # nosec B108 # Lambda's own place

_ADDRESS: Final = re.compile(r"(?:udp:|^(?!tcp:))([^\s:]+):(\d+)")


def announce() -> None:
    """Tells Lambda that the function records subsegments; does nothing elsewhere."""
    if "LAMBDA_TASK_ROOT" in os.environ:
        with suppress(OSError):
            _MARK.parent.mkdir(exist_ok=True)
            _MARK.touch()


class Daemon:
    """The daemon that the environment names; where it names none, nothing is sent.

    It looks, and opens its socket, when the first document is sent: a snapshot holds neither.
    """

    def __init__(self) -> None:
        self._address: tuple[str, int] | None = None
        self._socket: socket.socket | None = None

    def send(self, document: Mapping[str, Any]) -> None:
        """Sends a document. A trace that can't be sent is lost; the work goes on."""
        if self._socket is None:
            self._open()
        if self._socket is None or self._address is None:
            return
        try:
            data = HEADER + json.dumps(document, separators=(",", ":")).encode()
            self._socket.sendto(data, self._address)
        except OSError:
            return

    def _open(self) -> None:
        found = _ADDRESS.search(os.environ.get(ADDRESS_VARIABLE, ""))
        if found:
            self._address = found[1], int(found[2])
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.settimeout(0)
