"""What operations look at: alarms on functions, orders and objectives, dashboards, who is alerted.

It holds nothing that can't be made again. Its alarms name resources of the other stacks by their
names; the dashboards take the names of queues and of the API from them.
"""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from cdk.constructs.alarms.alarm import OperationsAlarm, operations_topic
from cdk.constructs.alarms.canary import canary_missed
from cdk.constructs.alarms.dashboards import Dashboards
from cdk.constructs.alarms.functions import FunctionAlarms
from cdk.constructs.alarms.objectives import OBJECTIVES, ObjectiveAlarms
from cdk.constructs.alarms.orders import OrderAlarms
from cdk.constructs.alarms.subscribers import Subscribers
from cdk.constructs.alarms.test_page import test_page
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
        Subscribers(self, "Subscribers", topic, self.settings.on_call)
        self.orders = OrderAlarms(self, "Orders", self.settings, topic)
        OperationsAlarm(self, self.settings, canary_missed(self.settings))
        OperationsAlarm(self, self.settings, test_page(topic))
        FunctionAlarms(self, "Functions", self.settings, orders.functions)
        self.objectives = [
            ObjectiveAlarms(self, f"{each.name}Objective", self.settings, each)
            for each in OBJECTIVES
        ]
        Dashboards(
            self,
            "Dashboards",
            self.settings,
            functions=orders.functions,
            machine=self.orders.machine,
            api_id=orders.api.api_id,
            queues={
                "parked orders": orders.parked_orders.queue.queue_name,
                "dead letters": orders.dead_letters.queue_name,
                "dead letters of parked orders": orders.parked_orders.dead_letters.queue_name,
                "kept letters": orders.kept_letters.queue_name,
                "letters that operations have seen": orders.seen_letters.queue_name,
            },
        )
