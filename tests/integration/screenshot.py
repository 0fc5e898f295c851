"""Takes the README's picture of the demo shop: ``python -m tests.integration.screenshot``."""

from __future__ import annotations

import os
import sys
from typing import Final

from scripts.local.stack.lifecycle import LocalStack
from scripts.local.stack.state import PROJECT
from tests.support.browser import HOW_TO_GET_ONE, find_chromium, launched
from tests.support.shopper import Shopper, demo_shop

PICTURE: Final = PROJECT / "docs" / "images" / "demo-shop.png"
_LIST: Final = "2 cups milk\n1 loaf bread\n3 eggs\n5 kg rice"


def main() -> int:
    """Takes the picture of an order that can be paid."""
    executable = find_chromium()
    if executable is None:
        print(f"error: no Chromium was found: {HOW_TO_GET_ONE}", file=sys.stderr)
        return 1
    os.environ["ORDERS_LOCAL_NAME"] = "screenshot"
    os.environ["ORDERS_LOCAL_TIME_FACTOR"] = "1"  # the picture names the link's validity
    with (
        LocalStack(),
        demo_shop() as served,
        launched(executable) as browser,
        browser.new_page(viewport={"width": 840, "height": 600}) as page,
    ):
        shopper = Shopper(page, served)
        shopper.arrive()
        shopper.send(_LIST)
        shopper.sees_status("Ready to pay")
        page.screenshot(path=PICTURE, full_page=True, animations="disabled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
