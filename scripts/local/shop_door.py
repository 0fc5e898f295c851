"""One address that leads to the demo shop, whose own address changes from one start to the next.

Customers get to ``GET /shop`` after the checkout. ``PUT /_admin/shop`` opens the door to a page,
``DELETE /_admin/shop`` closes it.
"""

from http import HTTPStatus
from typing import Final

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from scripts.local.stand_ins.faults import invalid_request

_CLOSED: Final = """\
<!doctype html>
<html lang="en">
<title>Back at the shop</title>
<h1>Back at the shop</h1>
<p>The demo shop is not open: <code>orders demo-shop</code> opens it. You can close this page.</p>
</html>
"""


class OpenShop(BaseModel):
    """The page of an open shop."""

    url: str = Field(pattern=r"^http://(127\.0\.0\.1|localhost):\d+/\S*$")


class ShopDoor:
    """Leads to the shop that is open, or says that none is."""

    def __init__(self) -> None:
        self._open: OpenShop | None = None

    def routes(self) -> list[Route]:
        """The routes to serve."""
        return [
            Route("/shop", self._lead),
            Route("/_admin/shop", self._open_to, methods=["PUT"]),
            Route("/_admin/shop", self._close, methods=["DELETE"]),
        ]

    async def _lead(self, _: Request) -> Response:
        if self._open is None:
            return HTMLResponse(_CLOSED)
        return RedirectResponse(self._open.url, HTTPStatus.SEE_OTHER)

    async def _open_to(self, request: Request) -> Response:
        try:
            self._open = OpenShop.model_validate_json(await request.body())
        except ValidationError as error:
            return invalid_request(error)
        return JSONResponse({"url": self._open.url})

    async def _close(self, _: Request) -> Response:
        self._open = None
        return JSONResponse({"url": None})
