"""What CloudTrail's events are searched for: the filter patterns of the security alarms.

A pattern is for one JSON event, in the syntax of CloudWatch Logs. ``!=`` stands beside
``NOT EXISTS`` wherever the field may be missing: AWS does not document what ``!=`` says then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: CloudWatch Logs accepts patterns of so many characters.
MAX_PATTERN = 1024

#: IAM's longest name of a role.
LONGEST_ROLE_NAME = 64


@dataclass(frozen=True)
class TrailFilter:
    """One kind of event, and what to say about it.

    Attributes:
        name: of the metric.
        pattern: matches the events.
        description: of the alarm.
    """

    name: str
    pattern: str
    description: str


ROOT_USE = TrailFilter(
    "RootUse",
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
    '&& $.eventType != "AwsServiceEvent" }',
    "The account's root user was used.",
)

FAILED_SIGN_IN = TrailFilter(
    "FailedSignIns",
    '{ $.eventName = "ConsoleLogin" && $.responseElements.ConsoleLogin = "Failure" }',
    "A sign-in to the AWS console failed.",
)

IAM_CHANGE = TrailFilter(
    "IamChanges",
    '{ $.eventSource = "iam.amazonaws.com" && $.readOnly IS FALSE }',
    "A role, a user, a policy or another part of IAM was changed.",
)

KEY_DELETION = TrailFilter(
    "KeyDeletions",
    '{ $.eventSource = "kms.amazonaws.com" && ($.eventName = "ScheduleKeyDeletion" '
    '|| $.eventName = "DisableKey" || $.eventName = "DeleteImportedKeyMaterial") }',
    "An encryption key was disabled, or is to be deleted.",
)

STOPPED_TRAIL = TrailFilter(
    "StoppedTrails",
    '{ $.eventSource = "cloudtrail.amazonaws.com" && ($.eventName = "StopLogging" '
    '|| $.eventName = "DeleteTrail" || $.eventName = "UpdateTrail" '
    '|| $.eventName = "PutEventSelectors" || $.eventName = "PutInsightSelectors") }',
    "CloudTrail was stopped, deleted or changed.",
)


def foreign_secret_read(secret_name: str, role_names: Sequence[str]) -> TrailFilter:
    """Reads of a secret, and attempts, by anybody but these roles.

    Args:
        secret_name: as in its ARN, where six random characters follow.
        role_names: the roles that read it as a matter of course; may be tokens of the CDK.

    Raises:
        ValueError: there are too many roles for one pattern.
    """
    # A role's session: arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION.
    caller = "$.userIdentity.arn"
    others = " && ".join(f'{caller} != "*role/{name}/*"' for name in role_names)
    start = (
        '{ $.eventSource = "secretsmanager.amazonaws.com" && ($.eventName = "GetSecretValue" '
        '|| $.eventName = "BatchGetSecretValue") '
        f"&& ($.requestParameters.secretId NOT EXISTS || $.requestParameters.secretId = "
        f'"*{secret_name}*") && ({caller} NOT EXISTS || ('
    )
    longest = len(start) + len(role_names) * (
        len(caller) + LONGEST_ROLE_NAME + len(' != "*role//*" && ')
    )
    if longest > MAX_PATTERN:
        raise ValueError(f"{len(role_names)} roles are too many for one filter pattern.")
    return TrailFilter(
        "ForeignSecretReads",
        f"{start}{others})) }}",
        "The PayStack key was read, or asked for, by others than our functions.",
    )


def trail_filters(secret_name: str, role_names: Sequence[str]) -> tuple[TrailFilter, ...]:
    """All of them."""
    return (
        ROOT_USE,
        FAILED_SIGN_IN,
        IAM_CHANGE,
        KEY_DELETION,
        STOPPED_TRAIL,
        foreign_secret_read(secret_name, role_names),
    )
