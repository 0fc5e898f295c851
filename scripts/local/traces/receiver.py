"""The UDP port of X-Ray's daemon.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from contextlib import suppress
from functools import lru_cache
from typing import Final

from scripts.local.stack.state import HOST
from scripts.local.traces.store import SegmentStore

_LONGEST: Final = 65_535
#: What the kernel keeps until it is read; it may grant less.
_BUFFER_BYTES: Final = 4 * 1024 * 1024
_PAUSE_SECONDS: Final = 0.05

log = logging.getLogger("traces")


class Receiver:
    """Receives documents in a thread of its own, until its process ends.

    Args:
        store: keeps them.
    """

    def __init__(self, store: SegmentStore) -> None:
        self._store = store
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.bind((HOST, 0))
        threading.Thread(target=self._receive, name="traces", daemon=True).start()

    @property
    def address(self) -> str:
        """``HOST:PORT``, the port being a free one."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def close(self) -> None:
        """Receives no more."""
        self._socket.close()

    def _receive(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                self._take(self._socket.recv(_LONGEST))
                # The others of a burst wait in the kernel: each wake-up costs more than its work.
                time.sleep(_PAUSE_SECONDS)
                with suppress(BlockingIOError):
                    while True:
                        self._take(self._socket.recv(_LONGEST, socket.MSG_DONTWAIT))

    def _take(self, datagram: bytes) -> None:
        header, _, document = datagram.partition(b"\n")
        if _is_header(header):
            self._store.add(document)
        else:
            log.warning("no segment: a datagram of %d bytes without the header", len(datagram))


@lru_cache(8)
def _is_header(line: bytes) -> bool:
    try:
        return bool(json.loads(line) == {"format": "json", "version": 1})
    except ValueError:
        return False
