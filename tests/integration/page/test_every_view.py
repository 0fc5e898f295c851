"""Every view at each width, light and dark: pictures, axe, reflow, zoom and high contrast.

The pictures are in ``.build/pictures``.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.support.page_scene import ScriptedApi, ScriptedShop
from tests.support.page_views import VIEWS
from tests.support.paths import PROJECT

pytestmark = pytest.mark.long

PICTURES = PROJECT / ".build" / "pictures"
WIDTHS = (360, 768, 1280)
#: As wide as a screen of 1,280 px is at a zoom of 400 % (WCAG 2.2, 1.4.10).
NARROWEST = 320


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_readable_at_each_width_light_and_dark(
    page: Page, scene: ScriptedShop, api: ScriptedApi, view: str
) -> None:
    page.emulate_media(reduced_motion="reduce")
    VIEWS[view](page, scene, api)

    for width in WIDTHS:
        resize(page, width)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=PICTURES / f"{view}-{width}-{scheme}.png", full_page=True)
            if width == WIDTHS[0]:
                found = Axe().run(page)
                assert found.violations_count == 0, found.generate_report()
        assert overflow(page) <= 0, width
    in_columns = Axe().run(page)  # in the dark still, with a table instead of cards
    assert in_columns.violations_count == 0, in_columns.generate_report()

    resize(page, NARROWEST)
    assert overflow(page) <= 0
    resize(page, WIDTHS[0])
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(page) <= 0, "text at 200 %"


def test_high_contrast_keeps_states_and_edges_apart(
    page: Page, scene: ScriptedShop, api: ScriptedApi
) -> None:
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    VIEWS["orders"](page, scene, api)
    page.screenshot(path=PICTURES / "orders-high-contrast.png", full_page=True)

    looks = page.locator(".pill").evaluate_all(
        """all => all.map(it => ({
          words: it.textContent,
          edge: parseFloat(getComputedStyle(it).borderTopWidth),
          icon: it.querySelector("path").getAttribute("d"),
          drawn: getComputedStyle(it.querySelector("svg")).stroke !== "none",
        }))"""
    )
    assert {each["words"] for each in looks} >= {"Ready to pay", "Paid", "Expired"}
    assert all(each["edge"] > 0 and each["drawn"] for each in looks)
    edges = {each["words"]: (each["edge"], each["icon"]) for each in looks}
    assert edges["Ready to pay"] != edges["Paid"]
    pay = page.get_by_role("link", name="Pay ₦").first
    assert pay.evaluate("it => parseFloat(getComputedStyle(it).borderTopWidth)") > 0


def resize(page: Page, width: int) -> None:
    page.set_viewport_size(ViewportSize(width=width, height=740))


def overflow(page: Page) -> int:
    """How many pixels of the page lie beside the screen."""
    pixels: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return pixels
