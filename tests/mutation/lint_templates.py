"""cfn-lint on production's templates of the project in the working directory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cdk  # noqa: F401 - first: sets the path of Node for jsii

# isort: split
import aws_cdk
from aws_cdk import aws_lambda

from cdk.app import add_stacks
from cdk.settings import Settings


def main() -> int:
    context = json.loads(Path("cdk/cdk.json").read_text(encoding="utf-8"))["context"]
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder, "code")
        code.mkdir()
        (code / "handler.py").touch()
        out = Path(folder, "out")
        app = aws_cdk.App(outdir=str(out), context=context)
        settings = Settings.for_stage("prod", {})
        add_stacks(app, settings, lambda _: aws_lambda.Code.from_asset(str(code)))
        app.synth()
        lint = Path(sys.executable).with_name("cfn-lint")
        return subprocess.run([lint, *out.glob("*.template.json")], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
