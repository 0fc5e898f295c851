"""What stands before the API and the sign-in: two web ACLs with their sets of addresses and logs.

The emulator can't create them (no IP sets, associations or logging configurations). The local stage
synthesizes this stack and does not deploy it: the servers before the emulator's API and user pool
read the rules from its template.
"""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from cdk.constructs.guard.rules import api_rules, sign_in_rules
from cdk.constructs.guard.web_acl import WebAcl, addresses
from cdk.guard_settings import API_ACL, SIGN_IN_ACL
from cdk.stacks.data import DataStack
from cdk.stacks.orders import OrdersStack


class GuardStack(cdk.Stack):
    """The web ACLs of the API and of the user pool."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        data: DataStack,
        orders: OrdersStack,
        **kwargs: Any,
    ) -> None:
        settings = data.settings
        super().__init__(scope, construct_id, termination_protection=settings.retain_data, **kwargs)
        sets = addresses(self, settings.prefix, settings.guard)
        WebAcl(
            self,
            "Api",
            orders.foundation,
            name=API_ACL,
            rules=api_rules(sets),
            protects=orders.api.arn,
        )
        WebAcl(
            self,
            "SignIn",
            orders.foundation,
            name=SIGN_IN_ACL,
            rules=sign_in_rules(sets),
            protects=data.users.user_pool_arn,
        )
