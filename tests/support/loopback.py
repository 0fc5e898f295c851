"""Clients at other addresses than 127.0.0.1, which the local web ACLs exempt from rates."""

from __future__ import annotations

import httpx


def client_at(address: str) -> httpx.Client:
    """An HTTP client whose requests come from this address of the loopback network."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(transport=transport, trust_env=False, timeout=30)
