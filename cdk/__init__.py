"""The AWS CDK app: the stacks of each stage."""

import os
import sys
from pathlib import Path

# jsii runs the CDK's JavaScript with Node; `make setup` installs Node beside this Python.
_node = Path(sys.executable).with_name("node")
if _node.exists():
    os.environ.setdefault("JSII_NODE", str(_node))
