# This source file is part of the swift-faust open source project.
# SPDX-License-Identifier: BSD-3-Clause

"""The other side of the tests with Faust for Python (FaustIntegrationTests/Interop/FaustPeerTests).

    python faust_peer.py serve BROKER PREFIX DIRECTORY   a worker: answers requests, copies orders, until it is killed
    python faust_peer.py ask BROKER PREFIX DIRECTORY     a worker: asks the agents of the Swift worker, prints the replies
    python faust_peer.py write BROKER PREFIX DIRECTORY   sends three orders to the topic PREFIX-orders

All topics begin with PREFIX, so that runs do not meet.
"""

import asyncio
import json
import os
import sys
import traceback

import faust

job, broker, prefix, directory = sys.argv[1:5]
# Before the app, which keeps the loop that it finds.
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


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
    # By the first request it would come too late to be assigned soon.
    reply_create_topic=job == "ask",
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
    worker = faust.Worker(app, loglevel="WARN", redirect_stdouts=False, loop=loop)
    worker.execute_from_commandline()
    sys.exit()


def handle(name, value_type, use_reply_headers=True):
    """An agent that the Swift worker runs: the app does not know it, so that it is not run here."""
    return faust.Agent(
        lambda stream: stream,
        name=name,
        app=app,
        channel=topic(name, value_type),
        use_reply_headers=use_reply_headers,
    )


swift_double = handle("swift-double", int)
swift_receipt = handle("swift-receipt", Order)
swift_enveloped = handle("swift-receipt", Order, use_reply_headers=False)


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


def run_worker():
    app.finalize()
    worker = faust.Worker(app, loglevel="WARN", redirect_stdouts=False, loop=loop)
    worker.execute_from_commandline()


async def run_client():
    app.finalize()
    await app.start_client()
    try:
        await asyncio.wait_for(write(), 120)
    finally:
        await app.stop()


if job == "ask":
    # Not as a client: that one never sees a reply in Faust 0.15.3. And a worker has to read something.
    @app.agent(topic("idle", int))
    async def idle(stream):
        async for _ in stream:
            pass

    @app.task
    async def ask_and_leave():
        status = 1
        try:
            await asyncio.wait_for(ask(), 120)
            status = 0
        except BaseException:
            traceback.print_exc()
        # Leaving the group takes longer than asking.
        os._exit(status)

    run_worker()
else:
    loop.run_until_complete(run_client())
