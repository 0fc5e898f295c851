"""HTTP as tests speak it."""

from __future__ import annotations

from typing import Final

import httpx

#: One for all of them: each new client would first load the machine's certificates (25 ms).
#: Connections are not kept: a server that ends an idle one just then would fail a test.
http: Final = httpx.Client(
    timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
)
