"""A web request as WAF sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class WebRequest:
    """One HTTP request.

    Attributes:
        address: the client's IP address.
        headers: by name in lower case.
        body: all of it, or at least more than a web ACL inspects.
        now: its time; seconds, monotonic.
    """

    address: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = "/graphql"
    query: str = ""
    now: float = 0.0
