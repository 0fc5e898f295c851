"""The documentation's tables of permissions and timeouts are those of the template."""

from __future__ import annotations

from scripts.documentation.__main__ import sections_of_template
from scripts.documentation.sections import outdated
from scripts.documentation.template import STAGE, Template
from tests.support.templates import Synthesize


def test_the_tables_of_permissions_and_timeouts_are_up_to_date(synthesize: Synthesize) -> None:
    sections = sections_of_template(Template(synthesize(STAGE).orders))

    assert [path.name for path in outdated(sections)] == [], "run `make docs`"


def test_each_function_is_in_both_tables(synthesize: Synthesize) -> None:
    templates = synthesize(STAGE)
    names = {
        function["Handler"].partition(".")[0]
        for function in templates.properties("AWS::Lambda::Function")
        if function["Handler"].endswith(".lambda_handler")
    }

    for section in sections_of_template(Template(templates.orders)):
        assert {name for name in names if f"| `{name}` |" in section.content} == names
