"""Takes the pictures in README.md: ``python -m tests.integration.screenshot``."""

from __future__ import annotations

import sys
from typing import Final

from playwright.sync_api import ViewportSize

from tests.support.browser import HOW_TO_GET_ONE, find_chromium, launched
from tests.support.page_scene import ScriptedApi, scripted_shop
from tests.support.page_views import VIEWS
from tests.support.paths import PROJECT

_IMAGES: Final = PROJECT / "docs" / "images"
#: The picture's name, the view, the width, and whether it is dark.
_PICTURES: Final = (
    ("demo-shop", "ready", 840, "light"),
    ("demo-shop-phone", "ready", 360, "light"),
    ("demo-shop-orders", "orders", 360, "dark"),
)


def main() -> int:
    """Takes the pictures of an order that can be paid, and of all orders."""
    executable = find_chromium()
    if executable is None:
        print(f"error: no Chromium was found: {HOW_TO_GET_ONE}", file=sys.stderr)
        return 1
    with launched(executable) as browser, scripted_shop() as shop:
        for name, view, width, scheme in _PICTURES:
            size = ViewportSize(width=width, height=600)
            with browser.new_context(viewport=size, color_scheme=scheme) as context:  # type: ignore[arg-type]
                page = context.new_page()
                shop.sign_in(page)
                VIEWS[view](page, shop, ScriptedApi(page))
                path = _IMAGES / f"{name}.png"
                page.screenshot(path=path, full_page=True, animations="disabled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
