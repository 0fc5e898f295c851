"""What operations look at: the alarms on functions, orders and objectives.

Its alarms name resources of the other stacks by their names: it imports nothing, and can be deleted
and made again at any time.
"""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from cdk.constructs.alarms.alarm import operations_topic
from cdk.constructs.alarms.functions import FunctionAlarms
from cdk.constructs.alarms.objectives import OBJECTIVES, ObjectiveAlarms
from cdk.constructs.alarms.orders import OrderAlarms
from cdk.settings import Settings
from cdk.stacks.orders import OrdersStack


class OperationsStack(cdk.Stack):
    """The alarms that no other stack has.

    Attributes:
        settings: the stage's.
        orders: the alarms on orders.
        objectives: the alarms on the burn of each objective's budget.
    """

    def __init__(
        self, scope: Construct, construct_id: str, orders: OrdersStack, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.settings: Settings = orders.foundation.settings
        self.add_stack_dependency(orders)
        topic = operations_topic(self, self.settings)
        self.orders = OrderAlarms(self, "Orders", self.settings, topic)
        FunctionAlarms(self, "Functions", self.settings, orders.functions)
        self.objectives = [
            ObjectiveAlarms(self, f"{each.name}Objective", self.settings, each)
            for each in OBJECTIVES
        ]
