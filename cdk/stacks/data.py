"""The stage's data: the key, the tables and the users."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk.constructs.foundation import removal_policy
from cdk.constructs.security.archive import archive_bucket
from cdk.constructs.telemetry.logs import use_by_logs
from cdk.settings import Settings
from orderflow.orders.access import CANARY_GROUP, OPERATIONS_GROUP
from orderflow.orders.store import SHARD
from orderflow.orders.submission_limits import KEY as SUBMISSIONS_KEY


@dataclass(frozen=True)
class _Index:
    """An index: the attributes of its keys, and what it holds of an item."""

    partition: Sequence[str]
    sort: str
    projection: dynamodb.ProjectionType = dynamodb.ProjectionType.ALL
    also: Sequence[str] = ()


_ORDERS_INDEXES = {
    # What lists show is read from the table, so that an order is written here once, and to the next
    # index with each change of its status alone. `updatedAt` finds orders that stand still.
    "byCustomerKeys": _Index(["customerId"], "createdAt", dynamodb.ProjectionType.KEYS_ONLY),
    "byStatusShard": _Index(
        ["status", SHARD], "createdAt", dynamodb.ProjectionType.INCLUDE, ["updatedAt"]
    ),
    # Sparse: only orders with a refund due have these attributes.
    "byRefund": _Index(["refundState"], "refundDueAt"),
    # Sparse: only orders with a refund or a dispute to look after.
    "byReversal": _Index(["reversalState"], "reversalCheckAt"),
    # Sparse: only orders with a link to ask PayStack about.
    "byLinkCheckShard": _Index(
        ["linkCheckState", SHARD], "linkCheckAt", dynamodb.ProjectionType.KEYS_ONLY
    ),
    # Finds the ids that begin so. An order is written here once.
    "byIdShard": _Index([SHARD], "orderId", dynamodb.ProjectionType.KEYS_ONLY),
    # Of earlier releases.
    "byCustomer": _Index(["customerId"], "createdAt"),
    "byStatus": _Index(["status"], "createdAt"),
    "byLinkCheck": _Index(["linkCheckState"], "linkCheckAt"),
}


class DataStack(cdk.Stack):
    """The stage's data.

    Attributes:
        settings: the stage's.
        key: encrypts all data of the stage.
        orders, catalog, breakers, addresses, return_limits, submissions: the tables.
        archive: the bucket that keeps the audit.
        users: the users of the API.
        user_pool_client: the client of customers' apps.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=settings.retain_data, **kwargs)
        self.settings = settings
        self._removal = removal_policy(settings)
        self.key = self._encryption_key()
        self.orders = self._orders_table()
        self.catalog = self._table("Catalog", "kind", sort="id", ttl=True)
        # Without expiry: a deleted breaker would start again at an old epoch.
        self.breakers = self._table("Breakers", "provider", streamed=True)
        self.addresses = self._table("EmailAddresses", "address", ttl=True)
        self.return_limits = self._table("ReturnLimits", "caller", ttl=True)
        self.submissions = self._table("Submissions", SUBMISSIONS_KEY, ttl=True)
        self.archive = archive_bucket(
            self,
            "AuditArchive",
            settings,
            self.key,
            "CloudTrail records each access to its objects (data events).",
        )
        self.users = self._user_pool()
        self.user_pool_client = self._user_pool_client()

        cdk.CfnOutput(self, "OrdersTable", value=self.orders.table_name)
        cdk.CfnOutput(self, "OrdersIndexShards", value=str(settings.index_shards))
        cdk.CfnOutput(self, "CatalogTable", value=self.catalog.table_name)
        cdk.CfnOutput(self, "BreakersTable", value=self.breakers.table_name)
        cdk.CfnOutput(self, "SubmissionsTable", value=self.submissions.table_name)
        cdk.CfnOutput(self, "AuditArchiveBucket", value=self.archive.bucket_name)
        cdk.CfnOutput(self, "UserPoolId", value=self.users.user_pool_id)
        cdk.CfnOutput(self, "UserPoolClientId", value=self.user_pool_client.user_pool_client_id)

    @property
    def kept_tables(self) -> list[dynamodb.Table]:
        """The tables whose items can't be made again from elsewhere."""
        return [self.orders, self.catalog, self.breakers, self.addresses]

    def _encryption_key(self) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            alias=f"alias/{self.settings.prefix}",
            description="Encrypts the stage's tables, queues, topics, secrets and logs.",
            enable_key_rotation=True,
            removal_policy=self._removal,
        )
        key.add_to_resource_policy(self._use_by_services())
        key.add_to_resource_policy(self._use_by_rules())
        key.add_to_resource_policy(use_by_logs(self, "LogGroupsOfThisAccount", "*"))
        return key

    def _use_by_services(self) -> iam.PolicyStatement:
        """Alarms and SES write to encrypted topics."""
        return iam.PolicyStatement(
            sid="ServicesOfThisAccount",
            principals=[
                iam.ServicePrincipal("cloudwatch.amazonaws.com"),
                iam.ServicePrincipal("ses.amazonaws.com"),
            ],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],  # In a key's own policy: this key.
            conditions={"StringEquals": {"aws:SourceAccount": self.account}},
        )

    def _use_by_rules(self) -> iam.PolicyStatement:
        """Rules write what they can't deliver to an encrypted queue, whose policy names them.

        Without a condition: EventBridge's requests to a key do not carry the source
        (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
        """
        return iam.PolicyStatement(
            sid="Rules",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],  # In a key's own policy: this key.
        )

    def _orders_table(self) -> dynamodb.Table:
        table = self._table("Orders", "orderId", ttl=True, streamed=True)
        for name in self.settings.orders_indexes:
            index = _ORDERS_INDEXES[name]
            table.add_global_secondary_index(
                index_name=name,
                partition_keys=[_text(attribute) for attribute in index.partition],
                sort_key=_text(index.sort),
                projection_type=index.projection,
                non_key_attributes=[*index.also] or None,
            )
        return table

    def _table(
        self,
        construct_id: str,
        partition: str,
        *,
        sort: str | None = None,
        ttl: bool = False,
        streamed: bool = False,
    ) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            construct_id,
            partition_key=_text(partition),
            sort_key=_text(sort) if sort else None,
            time_to_live_attribute="ttl" if ttl else None,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if streamed else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=self.settings.retain_data,
            removal_policy=self._removal,
        )

    def _user_pool(self) -> cognito.UserPool:
        pool = cognito.UserPool(
            self,
            "Users",
            user_pool_name=f"{self.settings.prefix}-users",
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            keep_original=cognito.KeepOriginalAttrs(email=True),
            email=_account_emails(self.settings),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_symbols=True,
                require_uppercase=True,
            ),
            # Refuses leaked passwords, and challenges suspicious sign-ins.
            feature_plan=cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION,
            deletion_protection=self.settings.retain_data,
            removal_policy=self._removal,
        )
        pool.add_group("Operations", group_name=OPERATIONS_GROUP, description="Operations staff")
        pool.add_group(
            "Canary", group_name=CANARY_GROUP, description="The canary: its orders are synthetic"
        )
        return pool

    def _user_pool_client(self) -> cognito.UserPoolClient:
        """Customers' apps: without a secret, and by SRP, which does not transmit passwords."""
        return self.users.add_client(
            "Client",
            auth_flows=cognito.AuthFlow(user_srp=True),
            disable_o_auth=True,
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=cdk.Duration.hours(1),
            id_token_validity=cdk.Duration.hours(1),
            refresh_token_validity=cdk.Duration.days(30),
            # Each refresh token is used once; a client whose answer was lost asks again in time.
            refresh_token_rotation_grace_period=cdk.Duration.seconds(30),
        )


def _account_emails(settings: Settings) -> cognito.UserPoolEmail | None:
    """Codes and invitations through SES; None for Cognito's own mailer."""
    if not settings.account_emails_domain:
        return None
    return cognito.UserPoolEmail.with_ses(
        from_email=settings.sender_email,
        ses_region=settings.region,
        ses_verified_domain=settings.account_emails_domain,
    )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
