"""The statements of web ACL rules that this project uses."""

from collections.abc import Sequence

from aws_cdk import aws_wafv2 as waf

Statement = waf.CfnWebACL.StatementProperty

_ACL = waf.CfnWebACL
_AS_IT_IS = [_ACL.TextTransformationProperty(priority=0, type="NONE")]
_IN_LOWER_CASE = [_ACL.TextTransformationProperty(priority=0, type="LOWERCASE")]

_SQL_MARKS = (
    r"""['"]\s*\)*\s*(or|and|union|having|order by)\b"""
    r"""|['"]\s*\)*\s*;?\s*(--|#|/\*)"""
    r"""|['"]\s*\)*\s*;\s*(select|insert|update|delete|drop|alter|create|truncate|exec|execute"""
    r"|declare|waitfor|shutdown|grant|copy|begin|set|if)\b"
    r"|\bunion\s+(all\s+)?select\b"
    r"|\bselect\s+\w+\s*\("
)
"""What SQL injection has and lists of groceries have not: a quote that ends a text of SQL and what
goes on behind it, a second query, a call within a query. A semicolon behind a quote is no mark by
itself: it separates the quoted cells of a table."""


def from_addresses(sets: Sequence[waf.CfnIPSet]) -> Statement:
    """Requests from one of these sets' addresses."""
    return either(
        *(
            Statement(
                ip_set_reference_statement=_ACL.IPSetReferenceStatementProperty(arn=each.attr_arn)
            )
            for each in sets
        )
    )


def body_longer_than(size: int) -> Statement:
    """Requests with a longer body (bytes), or with more than WAF receives of it."""
    return Statement(
        size_constraint_statement=_ACL.SizeConstraintStatementProperty(
            comparison_operator="GT",
            size=size,
            field_to_match=_ACL.FieldToMatchProperty(
                body=_ACL.BodyProperty(oversize_handling="MATCH")
            ),
            text_transformations=_AS_IT_IS,
        )
    )


def body_matches(pattern: str) -> Statement:
    """Requests whose body has a part that matches a regular expression."""
    return _matches(
        pattern,
        _ACL.FieldToMatchProperty(body=_ACL.BodyProperty(oversize_handling="CONTINUE")),
    )


def header_matches(name: str, pattern: str) -> Statement:
    """Requests whose header of this name (lower case) matches a regular expression."""
    # CloudFormation takes the name as `Name`; the CDK does not translate it.
    return _matches(pattern, _ACL.FieldToMatchProperty(single_header={"Name": name}))


def _matches(
    pattern: str,
    field: waf.CfnWebACL.FieldToMatchProperty,
    transformations: Sequence[waf.CfnWebACL.TextTransformationProperty] = _AS_IT_IS,
) -> Statement:
    return Statement(
        regex_match_statement=_ACL.RegexMatchStatementProperty(
            regex_string=pattern, field_to_match=field, text_transformations=[*transformations]
        )
    )


def sql_injection_in_json() -> Statement:
    """Requests with SQL injection in a key or a value of their JSON body.

    WAF's detector alone takes some lists for SQL ("fanta and sprite, 6 each"): marks of SQL have to
    be there, too. Nothing behind the API decodes a value again, so none is decoded here.
    """
    field = _ACL.FieldToMatchProperty(
        json_body=_ACL.JsonBodyProperty(
            match_pattern=_ACL.JsonMatchPatternProperty(all={}),
            match_scope="ALL",
            invalid_fallback_behavior="EVALUATE_AS_STRING",
            oversize_handling="CONTINUE",
        )
    )
    detected = Statement(
        sqli_match_statement=_ACL.SqliMatchStatementProperty(
            field_to_match=field, sensitivity_level="LOW", text_transformations=_AS_IT_IS
        )
    )
    return both(detected, _matches(_SQL_MARKS, field, _IN_LOWER_CASE))


def faster_than(limit: int, window_seconds: int, scope: Statement) -> Statement:
    """Requests of an address beyond ``limit`` in the last ``window_seconds``, within a scope."""
    return Statement(
        rate_based_statement=_ACL.RateBasedStatementProperty(
            aggregate_key_type="IP",
            limit=limit,
            evaluation_window_sec=window_seconds,
            scope_down_statement=scope,
        )
    )


def managed_group(name: str, *counted: str) -> Statement:
    """Requests that a rule group of AWS's matches; rules of it that are named count only."""
    overrides = [
        _ACL.RuleActionOverrideProperty(name=each, action_to_use=_ACL.RuleActionProperty(count={}))
        for each in counted
    ]
    return Statement(
        managed_rule_group_statement=_ACL.ManagedRuleGroupStatementProperty(
            vendor_name="AWS", name=name, rule_action_overrides=overrides or None
        )
    )


def not_(statement: Statement) -> Statement:
    """Requests that a statement does not match."""
    return Statement(not_statement=_ACL.NotStatementProperty(statement=statement))


def both(*statements: Statement) -> Statement:
    """Requests that all of the statements match."""
    return Statement(and_statement=_ACL.AndStatementProperty(statements=[*statements]))


def either(*statements: Statement) -> Statement:
    """Requests that one of the statements matches."""
    return Statement(or_statement=_ACL.OrStatementProperty(statements=[*statements]))
