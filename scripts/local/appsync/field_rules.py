"""AppSync's authorization directives: which caller may read which GraphQL field.

A field's own directives decide, else its type's, else the API's default (any user of the pool).
Several directives on one field allow the callers of each of them.
Rules: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html

AppSync answers a request with forbidden fields in part: they are null, with an ``Unauthorized``
error each, and the rest is resolved. So a :class:`FieldRules` first redacts the request (each
forbidden field becomes a ``__typename`` of the same name, which runs no resolver), and afterwards
completes the answer by executing the original request over the data that came back.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    build_schema,
    execute_sync,
    get_directive_values,
    visit,
)
from graphql.execution.values import NodeWithDirective

from scripts.local.appsync.tokens import Caller

#: What AppSync declares for every schema.
_PRELUDE: Final = """
scalar AWSDate scalar AWSTime scalar AWSDateTime scalar AWSTimestamp scalar AWSEmail
scalar AWSJSON scalar AWSURL scalar AWSPhone scalar AWSIPAddress
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_cognito_user_pools(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_api_key on FIELD_DEFINITION | OBJECT
directive @aws_iam on FIELD_DEFINITION | OBJECT
directive @aws_oidc on FIELD_DEFINITION | OBJECT
directive @aws_lambda on FIELD_DEFINITION | OBJECT
"""
_DIRECTIVES: Final = {one.name: one for one in build_schema(_PRELUDE).directives}
_USER_DIRECTIVES: Final = frozenset({"aws_cognito_user_pools", "aws_auth"})
_AUTH_DIRECTIVES: Final = _USER_DIRECTIVES | {"aws_iam", "aws_api_key", "aws_oidc", "aws_lambda"}


class NotAuthorizedError(GraphQLError):
    """The caller is not authorized to read this field."""

    def __init__(self, type_name: str, field_name: str) -> None:
        super().__init__(f"Not Authorized to access {field_name} on type {type_name}")


class FieldRules:
    """The rules of one schema.

    Args:
        sdl: the schema in GraphQL's schema language, with AppSync's directives.

    Raises:
        GraphQLError: if the schema is invalid.
    """

    def __init__(self, sdl: str) -> None:
        self.schema: GraphQLSchema = build_schema(_PRELUDE + sdl)
        # Apps send the same few queries repeatedly, and a schema has few fields.
        self._redacted = lru_cache(maxsize=256)(self._redact)
        self._rules = cache(self._rules_of)

    def allows(self, caller: Caller, type_name: str, field_name: str) -> bool:
        """Whether the caller may read this field."""
        rules = self._rules(type_name, field_name)
        if rules is None:
            return True
        if not rules:
            return not caller.iam
        return any(_grants(name, arguments, caller) for name, arguments in rules.items())

    def _rules_of(self, type_name: str, field_name: str) -> dict[str, dict[str, Any]] | None:
        """The directives that decide on a field; None for a field that every caller may read."""
        parent = self.schema.get_type(type_name)
        if field_name.startswith("__") or not isinstance(parent, GraphQLObjectType):
            return None
        field = parent.fields[field_name].ast_node
        return self._directives(field) or self._directives(parent.ast_node)

    def mutations_of(self, subscription: str) -> frozenset[str]:
        """The mutations that trigger a subscription's field (``@aws_subscribe``)."""
        parent = self.schema.subscription_type
        node = parent.fields[subscription].ast_node if parent else None
        directive = _DIRECTIVES["aws_subscribe"]
        arguments = get_directive_values(directive, node) if node else None
        return frozenset(arguments["mutations"] if arguments else ())

    def _directives(self, node: NodeWithDirective | None) -> dict[str, dict[str, Any]]:
        """The authorization directives of a definition, with their arguments."""
        if node is None:
            return {}
        found = {name: get_directive_values(_DIRECTIVES[name], node) for name in _AUTH_DIRECTIVES}
        return {name: arguments for name, arguments in found.items() if arguments is not None}

    def redact(self, document: DocumentNode, caller: Caller) -> DocumentNode | None:
        """The request without the fields that the caller may not read; None if it has none."""
        return self._redacted(document, caller.groups, iam=caller.iam)

    def _redact(
        self, document: DocumentNode, groups: frozenset[str], *, iam: bool
    ) -> DocumentNode | None:
        type_info = TypeInfo(self.schema)
        redactor = _Redactor(self, Caller(iam=iam, groups=groups), type_info)
        redacted: DocumentNode = visit(document, TypeInfoVisitor(type_info, redactor))
        return visit(redacted, _UnusedVariables(redacted)) if redactor.has_redacted else None

    def complete(
        self,
        document: DocumentNode,
        caller: Caller,
        variables: Mapping[str, Any],
        answer: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The answer to the original request, made from the answer to the redacted one."""
        result = self._execute(
            document, caller, variables, answer.get("data") or {}, lambda info: info.path.key
        )
        refusals = [_error_entry(error) for error in result.errors or ()]
        return {"data": result.data, "errors": [*answer.get("errors", ()), *refusals]}

    def select(
        self,
        document: DocumentNode,
        caller: Caller,
        variables: Mapping[str, Any],
        fields: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The answer to the request, selected from objects under their fields' own names."""
        result = self._execute(document, caller, variables, fields, lambda info: info.field_name)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_error_entry(error) for error in result.errors]
        return answer

    def _execute(
        self,
        document: DocumentNode,
        caller: Caller,
        variables: Mapping[str, Any],
        root: Mapping[str, Any],
        key: Callable[[GraphQLResolveInfo], str | int],
    ) -> ExecutionResult:
        """Executes the request over existing data; ``key`` names a field's key in its object."""

        def resolve(source: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
            if not self.allows(caller, info.parent_type.name, info.field_name):
                raise NotAuthorizedError(info.parent_type.name, info.field_name)
            return source.get(key(info))

        return execute_sync(
            self.schema,
            document,
            root_value=root,
            variable_values=dict(variables),
            field_resolver=resolve,
        )


def locations(error: GraphQLError) -> list[dict[str, Any]]:
    """An error's positions in the query, in AppSync's shape."""
    return [
        {"line": place.line, "column": place.column, "sourceName": None}
        for place in error.locations or ()
    ]


def _error_entry(error: GraphQLError) -> dict[str, Any]:
    """AppSync's error for a field: not authorized, or null although it may not be null."""
    entry = {"path": error.path, "locations": locations(error), "message": error.message}
    if isinstance(error.original_error, NotAuthorizedError):
        entry |= {"data": None, "errorType": "Unauthorized", "errorInfo": None}
    return entry


def _grants(directive: str, arguments: Mapping[str, Any], caller: Caller) -> bool:
    if directive == "aws_iam":
        return caller.iam
    if caller.iam or directive not in _USER_DIRECTIVES:
        return False
    groups = arguments.get("cognito_groups")
    return not groups or not caller.groups.isdisjoint(groups)


class _Redactor(Visitor):
    """Replaces each forbidden field by a ``__typename`` with the same response name."""

    def __init__(self, rules: FieldRules, caller: Caller, type_info: TypeInfo) -> None:
        super().__init__()
        self._rules = rules
        self._caller = caller
        self._types = type_info
        self.has_redacted = False

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        parent = self._types.get_parent_type()
        if parent is None or self._rules.allows(self._caller, parent.name, node.name.value):
            return None
        self.has_redacted = True
        return FieldNode(
            name=NameNode(value="__typename"),
            alias=node.alias or node.name,
            directives=node.directives,
            arguments=(),
            selection_set=None,
        )


class _UnusedVariables(Visitor):
    """Removes the variables that only redacted fields used; GraphQL refuses unused variables."""

    def __init__(self, document: DocumentNode) -> None:
        super().__init__()
        names = _UsedVariables()
        visit(document, names)
        self._used = names.used

    def leave_operation_definition(
        self, node: OperationDefinitionNode, *_: Any
    ) -> OperationDefinitionNode:
        kept = [one for one in node.variable_definitions if one.variable.name.value in self._used]
        node.variable_definitions = tuple(kept)
        return node


class _UsedVariables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def enter_variable(self, node: VariableNode, _key: Any, parent: Any, *_: Any) -> None:
        if not isinstance(parent, VariableDefinitionNode):
            self.used.add(node.name.value)
