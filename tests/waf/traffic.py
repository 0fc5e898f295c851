"""Requests of customers, and textbook attacks of our own making."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from scripts.cli.orders.api import GET_ORDER, SUBMIT
from scripts.demo_shop.app import PAGE
from scripts.local.waf.request import WebRequest
from tests.support.paths import TESTS

SHOPPERS: Final = TESTS / "data" / "shoppers_dev.jsonl"
#: All messages that the parser is measured with; some files are held out.
MESSAGES: Final = ("shoppers_*.jsonl", "shopping_lists.jsonl")
WINDOW_SECONDS: Final = 300

#: Lists with what a careless filter takes for an attack.
AWKWARD_LISTS: Final = (
    "mama's rice, 2 kg",
    "Peak's milk 'the big one', 3 tins",
    'a "family size" cornflakes, 1 pack',
    "1=1 rice",
    "1=1 rice, 2=2 beans",
    "select 3 fresh tomatoes and 2 onions",
    "please select the ripe plantain -- not the green one",
    "drop 2 bags of rice at the gate",
    "drop table salt; 3 eggs",
    "delete the beans from my list, insert yam",
    "union of garri and beans; 1 or 2 loaves",
    "update: 2 milk or 3 yoghurt, where there is any",
    "1 OR 2 cups of sugar AND 3 eggs",
    "5 kg rice # not the long grain",
    "2 x 1/2 kg beans /* the brown ones */",
    "100% orange juice; 50% less sugar",
    "milk & bread <3",
    "O'Neill's sausages (if available)",
    "N2,500 worth of pepper -- tatashe",
    "create a salad: lettuce, cucumber, 3 carrots",
)
YORUBA_LISTS: Final = (
    "ẹ̀wà olóyin derica méjì, gàrí paint kan",
    "ẹja gbígbẹ mẹ́ta, ẹ̀fọ́ ṣọkọ, ata rodo",
    "iṣu mẹ́rin, epo pupa lítà kan àti iyọ̀",
    "ọbẹ̀ ata: tòmátò, àlùbọ́sà, ẹran màlúù kílò kan",
)
HAUSA_LISTS: Final = (
    "shinkafa mudu biyu, wake mudu ɗaya",
    "ƙwai goma sha biyu, madara gwangwani uku",
    "dankali da albasa, ɗanyen kifi guda uku",
    "man ja lita ɗaya, gishiri da yaji",
)

#: Textbook SQL injection, as courses print it.
SQL_INJECTIONS: Final = (
    "' OR '1'='1",
    "' OR 1=1 --",
    "admin' --",
    "') OR ('1'='1",
    "'; DROP TABLE orders; --",
    "'; DELETE FROM orders; --",
    "'; UPDATE orders SET total = 0; --",
    "'; INSERT INTO orders VALUES ('x'); --",
    "1 UNION SELECT name, price FROM products",
    "' UNION SELECT NULL, NULL --",
    "' UNION ALL SELECT email FROM users --",
    "1' ORDER BY 3 --",
    "1' AND SLEEP(5) --",
    "1; SELECT pg_sleep(10)",
    "'; EXEC xp_cmdshell('dir'); --",
    "x' AND email IS NULL; --",
    "' HAVING 1=1 --",
    "1 AND (SELECT COUNT(*) FROM users) > 0",
    "' OR EXISTS(SELECT 1 FROM orders) --",
    '" OR ""="',
)

#: What an app asks for while its customer orders: the documents of our page and command line.
_MY_ORDERS: Final = "query($limit: Int) { myOrders(limit: $limit) { items { orderId } } }"
#: Orders of one customer in five minutes, and requests beside the submission of each.
ORDERS: Final = 2
LOOKS: Final = 7


def shoppers() -> list[str]:
    """The messages of shoppers who are not ours."""
    return [json.loads(line)["text"] for line in SHOPPERS.read_text().splitlines()]


def messages() -> list[tuple[str, str]]:
    """The id and the text of each message of :data:`MESSAGES`."""
    files = [path for each in MESSAGES for path in sorted((TESTS / "data").glob(each))]
    lines = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    return [(each["id"], each["text"]) for each in lines]


def legitimate_lists() -> dict[str, list[str]]:
    """Lists of customers, by kind."""
    return {
        "messages of shoppers": shoppers(),
        "awkward English": list(AWKWARD_LISTS),
        "Yoruba": list(YORUBA_LISTS),
        "Hausa": list(HAUSA_LISTS),
    }


def submission(text: str, *, escaped: bool = False) -> bytes:
    """The request that submits a list; ``escaped``: its JSON has ASCII alone."""
    return encoded(SUBMIT, {"input": {"groceryList": text, "idempotencyKey": "k" * 36}}, escaped)


def encoded(query: str, variables: Mapping[str, Any], escaped: bool = False) -> bytes:
    return json.dumps({"query": query, "variables": variables}, ensure_ascii=escaped).encode()


def shopping(lists: Iterable[str], seed: int) -> Iterator[tuple[float, bytes]]:
    """One customer's five minutes: time (s) and body of each request."""
    chance = random.Random(seed)
    for text in lists:
        yield chance.uniform(0, WINDOW_SECONDS), submission(text, escaped=chance.random() < 0.5)
        for _ in range(LOOKS - 1):
            body = encoded(GET_ORDER, {"orderId": "76302e01-f0c2-4325-8235-d7a6ec1da4f1"})
            yield chance.uniform(0, WINDOW_SECONDS), body
        yield chance.uniform(0, WINDOW_SECONDS), encoded(_MY_ORDERS, {"limit": 20})


def crowd(customers: int, addresses: int) -> list[WebRequest]:
    """Customers who order within five minutes, behind so many addresses, in the order of time."""
    lists = [text for texts in legitimate_lists().values() for text in texts]
    requests = []
    for number in range(customers):
        own = (lists[(number * ORDERS + order) % len(lists)] for order in range(ORDERS))
        address = f"198.51.100.{number % addresses}"
        requests += [
            WebRequest(address, body, _HEADERS, now=now) for now, body in shopping(own, number)
        ]
    return sorted(requests, key=lambda each: each.now)


_HEADERS: Final = {"content-type": "application/json", "authorization": "eyJhbGciOi"}


def flood(per_second: float, seconds: int, address: str = "203.0.113.9") -> list[WebRequest]:
    """One address that sends evenly."""
    body = encoded(_MY_ORDERS, {"limit": 20})
    return [
        WebRequest(address, body, _HEADERS, now=number / per_second)
        for number in range(int(per_second * seconds))
    ]


def publishing(per_second: float, seconds: int) -> list[WebRequest]:
    """Our own function, which publishes changes of status from one address and signs them."""
    signed = {**_HEADERS, "authorization": "AWS4-HMAC-SHA256 Credential=ASIA/20261129"}
    body = encoded("mutation($input: OrderUpdateInput!) { publishOrderUpdate }", {"input": {}})
    return [
        WebRequest("192.0.2.44", body, signed, now=number / per_second)
        for number in range(int(per_second * seconds))
    ]


def attacks() -> dict[str, list[tuple[str, bytes]]]:
    """Hostile bodies by kind, with the name of the rule that has to stop them."""
    batch = [{"query": SUBMIT, "variables": {"input": {"groceryList": "rice"}}}] * 3
    wide = "{" + " ".join(f"a{number}: __typename" for number in range(900)) + "}"
    places: dict[str, Callable[[str], bytes]] = {
        "a list": submission,
        "an order's id": lambda text: encoded(GET_ORDER, {"orderId": text}),
        "a field's name": lambda text: encoded(GET_ORDER, {text: "76302e01"}),
    }
    injections = {
        f"SQL injection as {place}": [("SqlInjection", make(text)) for text in SQL_INJECTIONS]
        for place, make in places.items()
    }
    oversized = [
        submission("rice\n" * 1_700),
        submission("ẹ̀wà " * 1_000, escaped=True),
        encoded(wide, {}),
        b"x" * 1_000_000,
        b"[" * 20_000,
    ]
    arrays = [json.dumps(batch).encode(), b" \n\t[1]", b"[]", b"[" * 8_000]
    return {
        **injections,
        "oversized bodies": [("OversizedBody", each) for each in oversized],
        "arrays (batches)": [("ArrayBody", each) for each in arrays],
    }


def page_queries() -> list[str]:
    """The GraphQL documents in the page's code."""
    text = (PAGE / "api.js").read_text()
    return [part for part in text.split("`")[1::2] if "(" in part]
