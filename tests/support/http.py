"""The HTTP client of tests."""

from __future__ import annotations

from typing import Final

import httpx

#: One client for all tests: each new client loads the machine's certificates (25 ms).
#: It keeps no connections: a server that closes an idle one would fail a test.
#: It waits longer than a hundred functions need that start at once as fresh processes.
http: Final = httpx.Client(
    timeout=180, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
)
