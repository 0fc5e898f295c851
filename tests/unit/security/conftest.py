"""The fixtures of handlers and of the local stack: attempts go through both."""

from __future__ import annotations

from tests.unit.handlers.conftest import context, environment, paystack_secret
from tests.unit.local.conftest import node

__all__ = ["context", "environment", "node", "paystack_secret"]
