"""`orders local watch`, run in a copy of the project, deploys what is saved there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from scripts.local.stack.state import PROJECT
from tests.mutation.tree import Tree
from tests.support.shop import Shop
from tests.support.terminal import heed_ctrl_c
from tests.support.waiting import wait_for

HANDLER = "functions/parse_order/handler.py"
DEFINITION = "workflows/order.asl.yaml"
SCRIPT = "scripts/demo_shop/page/words.js"
FUNCTION = "grocery-local-parse-order"
ANSWER = "\n\ndef lambda_handler(event, context):\n"


@dataclass
class Watch:
    """A running `orders local watch`, its copy of the project and what it prints."""

    shop: Shop
    folder: Path
    output: Path

    def save(self, file: str, addition: str) -> None:
        """Add to a file of the copy, as it is in the project."""
        text = (PROJECT / file).read_text("utf-8")
        self.write(file, text + addition)

    def write(self, file: str, text: str) -> None:
        """Save a file of the copy, as editors do: at once."""
        draft = self.folder / f"{file}~"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.folder / file)

    def prints(self, text: str) -> None:
        """Wait until it has printed this."""
        wait_for(lambda: self.output.read_text("utf-8"), lambda seen: text in seen)

    def answers(self, answer: str) -> None:
        """Wait until callers of the function get this."""
        wait_for(self._invoked, lambda seen: seen == answer)

    def _invoked(self) -> str:
        called = self.shop.deployment.client("lambda").invoke(
            FunctionName=FUNCTION, Qualifier="live", Payload=b"{}"
        )
        return str(json.loads(called["Payload"].read()))

    @property
    def page(self) -> str:
        """The address of the page."""
        return self.output.read_text("utf-8").partition("Shop: ")[2].partition("\n")[0]


@pytest.fixture(scope="module")
def watching(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    folder = tmp_path_factory.mktemp("watch")
    tree = Tree(folder / "copy")
    (tree.folder / ".build").symlink_to(PROJECT / ".build")
    alias = {"FunctionName": FUNCTION, "Name": "live"}
    version = shop.deployment.client("lambda").get_alias(**alias)["FunctionVersion"]
    output = folder / "output"
    with shop.redefined(lambda _: None), output.open("w") as printed:
        process = subprocess.Popen(
            [sys.executable, "-c", "from scripts.cli.main import run; run()", "local", "watch"],
            cwd=tree.folder,
            env={**tree.environment},
            stdout=printed,
            stderr=subprocess.STDOUT,
            preexec_fn=heed_ctrl_c,  # noqa: PLW1509 - it sets one signal
        )
        try:
            watch = Watch(shop, tree.folder, output)
            watch.prints("watching")
            yield watch
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0, output.read_text()
        finally:
            process.kill()
            shop.deployment.client("lambda").update_alias(**alias, FunctionVersion=version)


def test_a_saved_function_answers_callers_and_a_broken_one_leaves_it_so(watching: Watch) -> None:
    watching.save(HANDLER, f"{ANSWER}    return 'saved'\n")
    watching.answers("saved")

    watching.save(HANDLER, f"{ANSWER}    return (\n")
    watching.prints("SyntaxError")
    watching.answers("saved")

    watching.save(HANDLER, f"{ANSWER}    return 'mended'\n")
    watching.answers("mended")


def test_new_orders_run_a_saved_definition(watching: Watch) -> None:
    text = (PROJECT / DEFINITION).read_text("utf-8")
    elsewhere = text.replace("StartAt: ParseOrder", "StartAt: Saved")
    watching.write(DEFINITION, elsewhere)
    watching.prints("no state Saved")
    saved = elsewhere.replace("\nStates:\n", "\nStates:\n  Saved:\n    Type: Succeed\n")
    watching.write(DEFINITION, saved)

    machine = watching.shop.state.outputs["LiveStateMachineArn"]
    sfn = watching.shop.sfn

    def first_state() -> str:
        execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
        events = wait_for(
            lambda: sfn.get_execution_history(executionArn=execution)["events"],
            lambda seen: any("stateEnteredEventDetails" in each for each in seen),
        )
        entered = [each for each in events if "stateEnteredEventDetails" in each]
        return str(entered[0]["stateEnteredEventDetails"]["name"])

    wait_for(first_state, lambda seen: seen == "Saved")


def test_a_saved_page_is_served_and_a_broken_one_is_not(watching: Watch) -> None:
    def served() -> str:
        try:
            return httpx.get(f"{watching.page}/page/words.js", trust_env=False).text
        except httpx.RemoteProtocolError:
            return ""  # it was saved between the answer's head, with its length, and the body

    watching.save(SCRIPT, "// saved\n")
    wait_for(served, lambda seen: seen.endswith("// saved\n"))

    watching.save(SCRIPT, "const = ;\n")
    watching.prints("words.js:")
    assert served().endswith("// saved\n")
