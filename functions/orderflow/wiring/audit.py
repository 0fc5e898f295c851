"""For ``collect_audit``."""

from __future__ import annotations

from orderflow.operations.audit_collection import AuditCollection
from orderflow.platform import aws, snapshots
from orderflow.platform.environment import AuditEnvironment, load_environment

snapshots.prepare(aws.logs, aws.s3)


def audit_collection() -> AuditCollection:
    """Collects audit lines."""
    environment = load_environment(AuditEnvironment)
    return AuditCollection(
        aws.logs(), environment.audit_log_group, aws.s3(), environment.audit_archive
    )
