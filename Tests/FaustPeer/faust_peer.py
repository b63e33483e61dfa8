# This source file is part of the swift-faust open source project.
# SPDX-License-Identifier: BSD-3-Clause

"""The other side of the tests with Faust for Python (FaustIntegrationTests/Interop/FaustPeerTests).

    python faust_peer.py serve BROKER PREFIX DIRECTORY   a worker: answers requests, copies orders, until it is killed
    python faust_peer.py ask BROKER PREFIX DIRECTORY     a client: asks the agents of the Swift worker, prints the replies
    python faust_peer.py write BROKER PREFIX DIRECTORY   sends three orders to the topic PREFIX-orders

All topics begin with PREFIX, so that runs do not meet.
"""

import asyncio
import json
import sys

import faust

job, broker, prefix, directory = sys.argv[1:5]


class Order(faust.Record, serializer="json", namespace="shop.Order"):
    id: int
    amount: float


class Receipt(faust.Record, serializer="json", namespace="shop.Receipt"):
    order: Order
    total: float


app = faust.App(
    f"{prefix}-python-{job}",
    broker=broker,
    store="memory://",
    datadir=directory,
    topic_partitions=1,
    topic_disable_leader=True,
    # tansu lets the first member of a group wait for half of it.
    broker_session_timeout=6,
    broker_heartbeat_interval=2,
    consumer_auto_offset_reset="earliest",
    stream_wait_empty=False,
    web_enabled=False,
)


def topic(name, value_type):
    return app.topic(f"{prefix}-{name}", key_type=str, key_serializer="raw", value_type=value_type, partitions=1)


if job == "serve":

    @app.agent(topic("python-double", int))
    async def double(stream):
        async for number in stream:
            yield number * 2

    @app.agent(topic("python-receipt", Order))
    async def receipt(stream):
        async for order in stream:
            yield Receipt(order=order, total=order.amount * 2)

    # A request in an envelope comes without its type: Faust hands out what the JSON has.
    @app.agent(topic("python-envelope", Order), use_reply_headers=False)
    async def envelope(stream):
        async for order in stream:
            yield order["amount"] * 3

    # What a record of ours is to Faust, written again by Faust.
    @app.agent(topic("orders-in", Order))
    async def copy(stream):
        async for key, order in stream.items():
            await topic("orders-out", Order).send(key=key, value=order.derive(amount=order.amount + 1))

    app.finalize()
    worker = faust.Worker(app, loglevel="WARN", redirect_stdouts=False, loop=asyncio.new_event_loop())
    worker.execute_from_commandline()
    sys.exit()


# Handles of the agents that the Swift worker runs: a client starts none of its own.
@app.agent(topic("swift-double", int))
async def swift_double(stream):
    async for _ in stream:
        yield None


@app.agent(topic("swift-receipt", Order))
async def swift_receipt(stream):
    async for _ in stream:
        yield None


@app.agent(topic("swift-receipt", Order), use_reply_headers=False, name="enveloped")
async def swift_enveloped(stream):
    async for _ in stream:
        yield None


def say(name, value):
    print(json.dumps({name: value if not isinstance(value, faust.Record) else value.asdict()}, default=str), flush=True)


async def ask():
    order = Order(id=7, amount=1.5)
    say("double", await swift_double.ask(21, key="k"))
    # An agent that fails says so; Faust by itself would wait for ever.
    say("failure", await swift_double.ask(-1, key="k"))
    receipt = await swift_receipt.ask(order, key="k")
    say("receipt", [type(receipt).__name__, receipt.total, receipt.order.id])
    receipt = await swift_enveloped.ask(order, key="k")
    say("envelope", [type(receipt).__name__, receipt.total, receipt.order.id])
    say("join", await swift_double.join(list(range(100)), key="k"))


async def write():
    orders = topic("orders", Order)
    for number in range(3):
        await orders.send(key=f"k{number}", value=Order(id=number, amount=number + 0.5))
    await app.producer.flush()


async def main():
    app.finalize()
    await app.start_client()
    try:
        await asyncio.wait_for({"ask": ask, "write": write}[job](), 120)
    finally:
        await app.stop()


asyncio.set_event_loop(asyncio.new_event_loop())
asyncio.get_event_loop().run_until_complete(main())
