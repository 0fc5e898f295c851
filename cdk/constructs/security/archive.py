"""Buckets for records that may not be changed: of the audit, and of CloudTrail."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk.constructs.foundation import removal_policy
from cdk.constructs.nag import acknowledge
from cdk.settings import Settings

_TO_COLD_STORAGE = cdk.Duration.days(90)
"""Glacier Instant Retrieval charges objects for at least 90 days more."""

_COLD_STORAGE_PAYS = 180
"""Records that are kept for fewer days stay in the standard class."""

_EARLIER_VERSIONS = cdk.Duration.days(30)


def archive_bucket(
    scope: Construct, construct_id: str, settings: Settings, key: kms.IKey, who_reads: str
) -> s3.Bucket:
    """A private, encrypted, versioned bucket; its objects expire after the stage's retention.

    On stages that keep their data, objects can't be deleted or replaced before they expire
    (S3 Object Lock in governance mode).

    Args:
        scope: the construct's parent.
        construct_id: its id.
        settings: the stage's.
        key: encrypts the objects.
        who_reads: why S3's own access log is not needed: what records the access instead.
    """
    retention = cdk.Duration.days(settings.audit_retention_days)
    locked = settings.retain_data
    bucket = s3.Bucket(
        scope,
        construct_id,
        versioned=True,
        encryption=s3.BucketEncryption.KMS,
        encryption_key=key,
        # One call of KMS for many objects.
        bucket_key_enabled=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=settings.speaks_tls,
        object_lock_enabled=locked or None,
        object_lock_default_retention=(
            s3.ObjectLockRetention.governance(retention) if locked else None
        ),
        lifecycle_rules=[_expiry(settings.audit_retention_days)],
        removal_policy=removal_policy(settings),
    )
    acknowledge(bucket, {"AwsSolutions-S1": who_reads})
    return bucket


def _expiry(days: int) -> s3.LifecycleRule:
    cold = s3.Transition(
        storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=_TO_COLD_STORAGE
    )
    return s3.LifecycleRule(
        id="Retention",
        expiration=cdk.Duration.days(days),
        noncurrent_version_expiration=_EARLIER_VERSIONS,
        abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
        transitions=[cold] if days > _COLD_STORAGE_PAYS else None,
    )
