"""Compiles the statements of rules into functions of a request.

https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html
"""

import operator
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any, Final

from scripts.local.waf import sql_injection
from scripts.local.waf.fields import DecidedError, NotEvaluatedError, inspected
from scripts.local.waf.rate import RateCounter
from scripts.local.waf.request import WebRequest

#: Whether a request matches.
Statement = Callable[[WebRequest], bool]

#: The networks of each set of addresses, by the set's ARN or logical id.
IpSets = Mapping[str, list[str]]

_DEFAULT_WINDOW_SECONDS: Final = 300

_COMPARISONS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "LE": operator.le,
    "LT": operator.lt,
    "GE": operator.ge,
    "GT": operator.gt,
}
_POSITIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "EXACTLY": operator.eq,
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": operator.contains,
}


def compiled(statement: Mapping[str, Any], ip_sets: IpSets) -> Statement:
    """The statement as a function of a request.

    Raises:
        NotEvaluatedError: it, or a statement in it, is not evaluated here.
    """
    ((kind, content),) = statement.items()
    match kind:
        case "AndStatement":
            parts = [compiled(each, ip_sets) for each in content["Statements"]]
            return lambda request: all(each(request) for each in parts)
        case "OrStatement":
            parts = [compiled(each, ip_sets) for each in content["Statements"]]
            return lambda request: any(each(request) for each in parts)
        case "NotStatement":
            inner = compiled(content["Statement"], ip_sets)
            return lambda request: not inner(request)
        case "IPSetReferenceStatement":
            return _from_addresses(ip_sets[_reference(content)])
        case "RateBasedStatement":
            return _rate(content, ip_sets)
        case "ManagedRuleGroupStatement":
            raise NotEvaluatedError(f"{content['Name']}: AWS does not publish its rules")
    return _field_statement(kind, content)


def _reference(content: Mapping[str, Any]) -> str:
    """A set's logical id in a template (``Fn::GetAtt``), or its ARN in an answer of WAF's API."""
    arn = content.get("Arn") or content["ARN"]
    return str(arn if isinstance(arn, str) else arn["Fn::GetAtt"][0])


def _from_addresses(addresses: list[str]) -> Statement:
    networks = [ip_network(each) for each in addresses]
    return lambda request: any(ip_address(request.address) in each for each in networks)


def _rate(content: Mapping[str, Any], ip_sets: IpSets) -> Statement:
    if content["AggregateKeyType"] != "IP":
        raise NotEvaluatedError(f"rates by {content['AggregateKeyType']}")
    window = content.get("EvaluationWindowSec", _DEFAULT_WINDOW_SECONDS)
    counter = RateCounter(content["Limit"], window)
    scope = content.get("ScopeDownStatement")
    is_in_scope = compiled(scope, ip_sets) if scope else lambda _: True
    return lambda request: is_in_scope(request) and counter.exceeds(request.address, request.now)


def _field_statement(kind: str, content: Mapping[str, Any]) -> Statement:
    """A statement about one field of the request."""
    test = _test(kind, content)
    field = inspected(content)

    def matches(request: WebRequest) -> bool:
        try:
            return test([*field(request)])
        except DecidedError as decided:
            return decided.matches

    return matches


def _test(kind: str, content: Mapping[str, Any]) -> Callable[[list[str]], bool]:
    match kind:
        case "SizeConstraintStatement":
            compare, size = _COMPARISONS[content["ComparisonOperator"]], content["Size"]
            return lambda texts: any(compare(len(each.encode()), size) for each in texts)
        case "RegexMatchStatement":
            pattern = re.compile(content["RegexString"])
            return lambda texts: any(pattern.search(each) for each in texts)
        case "ByteMatchStatement" if content["PositionalConstraint"] in _POSITIONS:
            is_there, wanted = _POSITIONS[content["PositionalConstraint"]], content["SearchString"]
            return lambda texts: any(is_there(each, wanted) for each in texts)
        case "SqliMatchStatement" if sql_injection.AVAILABLE:
            return sql_injection.finds_injection
        case "SqliMatchStatement":
            raise NotEvaluatedError("SQL injection: libinjection is not there for this system")
    raise NotEvaluatedError(kind)
