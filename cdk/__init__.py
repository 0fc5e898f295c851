"""The AWS CDK app: what is deployed, for each stage."""

import os
import sys
from pathlib import Path

# jsii runs the CDK's own JavaScript with Node: the one that `make setup` put beside this Python.
_node = Path(sys.executable).with_name("node")
if _node.exists():
    os.environ.setdefault("JSII_NODE", str(_node))
