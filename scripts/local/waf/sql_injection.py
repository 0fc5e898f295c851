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

#: Values that were looked at and are none. Most of a request's are in each: names of fields,
#: statuses, the query. Longer ones are not kept.
_HARMLESS: Final[set[str]] = set()
_KEPT: Final = 10_000
_LONGEST_KEPT: Final = 1_000


def finds_injection(values: Sequence[str]) -> bool:
    """Whether one of the values looks like SQL injection.

    Raises:
        ModuleNotFoundError: libinjection is not installed (see :data:`AVAILABLE`).
    """
    new = [each for each in dict.fromkeys(values) if each not in _HARMLESS]
    chunks = (new[start : start + _MOST_AT_ONCE] for start in range(0, len(new), _MOST_AT_ONCE))
    if any(map(_is_denied, chunks)):
        return True
    if len(_HARMLESS) > _KEPT:
        _HARMLESS.clear()
    _HARMLESS.update(each for each in new if len(each) <= _LONGEST_KEPT)
    return False


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
