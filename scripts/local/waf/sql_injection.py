"""SQL injection, by libinjection.

AWS does not say how its SqliMatchStatement decides. libinjection is the open detector of the same
purpose; it is a part of ModSecurity, whose library PyPI has compiled for some systems. On others
the statement is not evaluated.
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-sqli-match.html
"""

import importlib.util
from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import quote

#: Whether libinjection is installed.
AVAILABLE: Final = importlib.util.find_spec("libmodsecurity") is not None

_RULE: Final = 'SecRuleEngine On\nSecRule ARGS "@detectSQLi" "id:1,phase:1,deny,t:none"'
_MOST_AT_ONCE: Final = 500


def finds_injection(values: Sequence[str]) -> bool:
    """Whether one of the values looks like SQL injection.

    Raises:
        ModuleNotFoundError: libinjection is not installed (see :data:`AVAILABLE`).
    """
    chunks = range(0, len(values), _MOST_AT_ONCE)
    return any(_is_denied(values[start : start + _MOST_AT_ONCE]) for start in chunks)


def _is_denied(values: Sequence[str]) -> bool:
    """Whether the rule denies a request with these values as its arguments."""
    engine, rules = _engine()
    arguments = "&".join(f"v={quote(each.encode(errors='surrogatepass'))}" for each in values)
    with engine.transaction(rules) as transaction:
        transaction.process_connection("192.0.2.1", 1, "192.0.2.2", 80)
        transaction.process_uri(f"/?{arguments}", "GET", "1.1")
        transaction.process_request_headers()
        return bool(transaction.intervention())


@cache
def _engine() -> tuple[Any, Any]:
    import libmodsecurity  # noqa: PLC0415 - some systems lack it

    rules = libmodsecurity.RulesSet()
    rules.load(_RULE)
    return libmodsecurity.ModSecurity(), rules
