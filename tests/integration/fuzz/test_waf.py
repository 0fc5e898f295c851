"""Malformed requests to the web ACL and the front door, from many addresses, without a token."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.cli.orders.api import SUBMIT
from scripts.local.stack.deploy import template_of
from scripts.local.stack.state import Home
from scripts.local.waf.request import WebRequest
from scripts.local.waf.web_acl import Action, WebAcl
from tests.integration.fuzz.inputs import examples
from tests.integration.fuzz.test_graphql import HOSTILE, trees
from tests.support.shop import Shop
from tests.waf.traffic import SQL_INJECTIONS

pytestmark = pytest.mark.long

#: Of the loopback network: no address reaches the limit of 2,000 requests.
ADDRESSES = [f"127.0.1.{number}" for number in range(1, 21)]
LEAKS = ("Traceback", "site-packages", "starlette", "graphql-core")

valid = json.dumps({"query": SUBMIT, "variables": {"input": {"groceryList": "3 eggs"}}}).encode()


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A valid request with some bytes replaced, left out or repeated."""
    body = bytearray(valid)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(body) - 1))
        until = min(len(body), at + draw(st.integers(0, 10)))
        body[at:until] = draw(st.binary(max_size=10)) * draw(st.sampled_from([1, 2, 1_000]))
    return bytes(body)


texts = st.sampled_from([*HOSTILE, *SQL_INJECTIONS])
bodies = st.one_of(
    spoilt(),
    st.binary(max_size=400),
    st.tuples(st.binary(min_size=1, max_size=8), st.integers(1_000, 9_000)).map(
        lambda part: part[0] * part[1]
    ),
    trees.map(lambda tree: json.dumps(tree).encode()),
    st.lists(trees, max_size=4).map(lambda trees: b" " + json.dumps(trees).encode()),
    texts.map(
        lambda text: json.dumps({"query": SUBMIT, "variables": {"input": {"x": text}}}).encode()
    ),
    st.integers(1, 4_000).map(lambda depth: b'{"query":' * depth),
)


@pytest.fixture(scope="module")
def clients() -> Iterator[list[httpx.Client]]:
    """A client at each address."""
    opened = [
        httpx.Client(transport=httpx.HTTPTransport(local_address=each), trust_env=False, timeout=30)
        for each in ADDRESSES
    ]
    yield opened
    for each in opened:
        each.close()


@pytest.fixture(scope="module")
def acl(shop: Shop) -> WebAcl:
    """The web ACL of the stack, evaluated a second time."""
    template = json.loads(template_of(Home(shop.state.name), "guard").read_bytes())
    return WebAcl.from_template(template, "grocery-local-api")


@pytest.fixture
def sent(record_property: Callable[[str, object], None]) -> Iterator[Iterator[int]]:
    """Counts the requests, for pytest's JUnit file: the security report shows the number."""
    counter = count()
    yield counter
    record_property("inputs", next(counter))


@given(body=bodies, number=st.integers(0, len(ADDRESSES) - 1))
@examples(2.0)
def test_malformed_requests_are_refused_without_an_error_of_the_server(
    shop: Shop,
    clients: list[httpx.Client],
    acl: WebAcl,
    sent: Iterator[int],
    body: bytes,
    number: int,
) -> None:
    next(sent)
    answer = clients[number].post(
        shop.state.urls.graphql, content=body, headers={"Content-Type": "application/json"}
    )

    blocked = acl.decide(WebRequest(ADDRESSES[number], body)).action is Action.BLOCK
    assert answer.status_code == (403 if blocked else 401)
    assert answer.json()["errors"]
    assert not any(leak in answer.text for leak in LEAKS)
