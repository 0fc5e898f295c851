"""boto3 without s3transfer, which takes a third of boto3's time to import.

boto3 asks s3transfer one question when it is imported, about uploads to S3. No function transfers
files, but each cold start would import the library, and multiprocessing with it.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Final

_LIBRARY: Final = "s3transfer.manager"


def import_boto3() -> None:
    """Imports boto3 with an empty module in the place of what it would ask.

    Code that transfers files all the same imports s3transfer then. Nothing happens where one of the
    two is imported already.
    """
    if "boto3" in sys.modules or _LIBRARY in sys.modules:
        return
    placeholder = ModuleType(_LIBRARY)
    placeholder.TransferConfig = object  # type: ignore[attr-defined]
    sys.modules[_LIBRARY] = placeholder
    try:
        importlib.import_module("boto3")
    finally:
        del sys.modules[_LIBRARY]
