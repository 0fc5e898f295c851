"""The page waits where the API says that it is busy, and sends the same again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.demo_shop.app import PAGE

NODE = Path(sys.executable).with_name("node")

#: Refuses ``refusals`` times with the given wait, then answers; prints what happened.
SCRIPT = """
import { withPatience } from %(module)s;
let [calls, waits, told] = [0, [], []];
async function action() {
  calls += 1;
  const refusal = Object.assign(new Error("no"), { retryAfterSeconds: %(seconds)s });
  if (calls <= %(refusals)d) throw refusal;
  return "accepted";
}
const wait = async (seconds) => { waits.push(seconds); };
const tell = (text) => told.push(text);
const result = await withPatience(action, tell, wait).catch((error) => error.message);
console.log(JSON.stringify({ result, calls, waits, told }));
"""


def run(refusals: int, seconds: str) -> dict[str, Any]:
    module = json.dumps((PAGE / "patience.js").as_uri())
    script = SCRIPT % {"module": module, "refusals": refusals, "seconds": seconds}
    done = subprocess.run(
        [NODE, "--input-type=module", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def test_a_busy_api_gets_the_same_again_after_the_wait_that_it_asks_for() -> None:
    outcome = run(refusals=2, seconds="5")

    assert (outcome["result"], outcome["calls"]) == ("accepted", 3)
    assert all(5 <= wait <= 7.5 for wait in outcome["waits"])
    assert len(outcome["told"]) == 2
    assert outcome["told"][0].startswith("no Your list is kept here")


@pytest.mark.parametrize(
    ("refusals", "seconds", "calls"),
    [(1, "undefined", 1), (1, "3600", 1), (100, "5", 6)],
    ids=["another refusal", "too long a wait", "busy for too long"],
)
def test_what_a_wait_does_not_help_is_shown(refusals: int, seconds: str, calls: int) -> None:
    outcome = run(refusals, seconds)

    assert (outcome["result"], outcome["calls"]) == ("no", calls)
