"""The state machine's resource; tests/workflow tests the definition."""

import json
import re

from tests.support.templates import Templates, readable

PINNED = {
    "ParseOrderFunction": "ParseOrder",
    "MatchProductsFunction": "MatchProducts",
    "CreatePaymentLinkFunction": "CreatePaymentLink",
    "NotifyCustomerFunction": "NotifyCustomer",
    "VerifyPaymentFunction": "VerifyPayment",
}


def test_orders_run_on_a_standard_workflow(templates: Templates) -> None:
    machine = templates.only("AWS::StepFunctions::StateMachine")
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["StateMachineName"] == f"grocery-{templates.stage}-order"


def test_the_definition_is_the_file_without_its_anchors(templates: Templates) -> None:
    definition = json.loads(templates.only("AWS::StepFunctions::StateMachine")["DefinitionString"])
    assert definition["QueryLanguage"] == "JSONata"
    assert "x-shared" not in definition
    assert definition["StartAt"] in definition["States"]


def test_exactly_the_names_in_the_definition_are_substituted(templates: Templates) -> None:
    machine = templates.only("AWS::StepFunctions::StateMachine")
    named = set(re.findall(r"\$\{(\w+)\}", machine["DefinitionString"]))
    assert named == set(machine["DefinitionSubstitutions"])


def test_the_workflow_pins_the_published_versions_of_its_functions(templates: Templates) -> None:
    machine = templates.only("AWS::StepFunctions::StateMachine")
    versions = templates.resources("AWS::Lambda::Version")
    for name, function in PINNED.items():
        version = machine["DefinitionSubstitutions"][name]["Ref"]
        of = versions[version]["Properties"]["FunctionName"]
        assert readable(of) == f"<{function}Function>"


def test_the_workflow_uses_the_tables_and_the_queue_of_the_stage(templates: Templates) -> None:
    substitutions = templates.only("AWS::StepFunctions::StateMachine")["DefinitionSubstitutions"]
    assert readable(substitutions["OrdersTable"]) == "Orders"
    assert readable(substitutions["BreakersTable"]) == "Breakers"
    assert readable(substitutions["ParkedOrdersQueueUrl"]) == "<ParkedQueue>"


def test_executions_are_traced_and_log_errors_without_customers_data(
    templates: Templates,
) -> None:
    machine = templates.only("AWS::StepFunctions::StateMachine")
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
