"""What every `orders` command loads before it does anything."""

import subprocess
import sys

from tests.support.paths import PROJECT

_HEAVY = {"aws_cdk", "jsii", "uvicorn", "ministack", "graphql", "playwright", "matplotlib"}


def test_a_command_loads_neither_the_cdk_nor_a_server() -> None:
    code = "import sys, scripts.cli.main; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert "boto3" in loaded
    assert not _HEAVY & {*loaded}
