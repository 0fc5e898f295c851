"""The HTTP client of tests."""

from __future__ import annotations

from typing import Final

import httpx

#: One client for all tests: each new client loads the machine's certificates (25 ms).
#: It keeps no connections: a server that closes an idle one would fail a test.
http: Final = httpx.Client(
    timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
)
