"""Subscribes to endpoints with the ``gql`` of this environment, plainly and by the snippet.

Standard input, as JSON: ``{"snippet": SOURCE, "token": TOKEN, "endpoints": {NAME: ENDPOINT}}``,
where an endpoint is ``{"plain": URL, "followed": URL, "keepAlive": SECONDS}``: addresses for a
plain subscription and for the snippet, and how long both wait for a message; null for ever.

Standard output, as JSON: ``{"version", "endpoints": {NAME: {"raised", "reads", "live"}}}``: the
error that the plain subscription raised (null: its loop ended), how often the snippet read before
its first update, and what it showed.
"""

import asyncio
import json
import sys
from contextlib import suppress
from functools import partial
from importlib.metadata import version

from gql import Client, gql
from gql.transport.appsync_auth import AppSyncJWTAuthentication
from gql.transport.appsync_websockets import AppSyncWebsocketsTransport
from gql.transport.exceptions import TransportError

QUERY = gql("subscription($id: ID!) { onOrderUpdated(customerId: $id) { orderId version } }")
QUERY.variable_values = {"id": "c-1"}


def transport(url, token, keep_alive):
    return AppSyncWebsocketsTransport(
        url.replace("http", "ws"),
        auth=AppSyncJWTAuthentication(host=url.split("/")[2], jwt=token),
        keep_alive_timeout=keep_alive,
        close_timeout=1,
    )


async def raised_by(connect):
    try:
        async with Client(transport=connect()) as session:
            async for _ in session.subscribe(QUERY):
                pass
    except TransportError as error:
        return type(error).__name__
    return None


async def shown_by(follow_orders, connect):
    arrived = asyncio.Event()
    reads, live = [], []

    async def catch_up():
        reads.append("getOrder")

    def update(_):
        arrived.set()

    following = follow_orders(connect, QUERY, update, catch_up, live.append, pause=0.01)
    task = asyncio.create_task(following)
    await arrived.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return {"reads": len(reads), "live": live}


async def tried(follow_orders, token, endpoint):
    plain, followed = (
        partial(transport, endpoint[each], token, endpoint["keepAlive"])
        for each in ("plain", "followed")
    )
    raised, shown = await asyncio.gather(raised_by(plain), shown_by(follow_orders, followed))
    return {"raised": raised, **shown}


async def main():
    question = json.load(sys.stdin)
    scope = {}
    exec(compile(question["snippet"], "docs/api.md", "exec"), scope)
    follow_orders, token = scope["follow_orders"], question["token"]
    endpoints = question["endpoints"]
    results = await asyncio.gather(
        *(tried(follow_orders, token, each) for each in endpoints.values())
    )
    answer = dict(zip(endpoints, results, strict=True))
    json.dump({"version": version("gql"), "endpoints": answer}, sys.stdout)


asyncio.run(main())
