"""Something that a function can do, as one object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Permission:
    """Actions that are allowed on resources (ARNs), under conditions of IAM."""

    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Capability:
    """The variables, permissions and encryption that the use of a resource takes.

    Attributes:
        environment: names the resource to the function.
        permissions: what the function's role may do.
        key_services: services that encrypt and decrypt with the stage's key for the function
            (``dynamodb`` ...).
        accepted_findings: cdk-nag's findings about the permissions, each with the reason why it
            stands.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    permissions: Sequence[Permission] = ()
    key_services: Sequence[str] = ()
    accepted_findings: Mapping[str, str] = field(default_factory=dict)
