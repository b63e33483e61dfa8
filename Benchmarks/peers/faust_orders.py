# This source file is part of the swift-faust open source project.
# SPDX-License-Identifier: BSD-3-Clause

"""The jobs of the benchmark on Faust for Python: parse orders and pick one in a hundred, or count them by key, or
by key and minute.

    python faust_orders.py filter|count|tumbling BROKER TOPIC COUNT DIRECTORY [STORE]

The store of the table is memory:// unless given. Prints the line that scripts/bench-kafka reads.
"""

import asyncio
import os
import resource
import sys
import time

import faust

job, broker, topic_name, count, directory = sys.argv[1:6]
store = sys.argv[6] if len(sys.argv) > 6 else "memory://"
count = int(count)
started = float(os.environ.get("BENCH_STARTED", time.time()))
partitions = int(os.environ.get("BENCH_PARTITIONS", 4))


class Order(faust.Record, serializer="json"):
    account_id: str
    product_id: str
    amount: int
    price: float


app = faust.App(
    f"peer-{job}-{os.getpid()}-{int(started)}",
    broker=broker,
    store=store,
    datadir=directory,
    topic_partitions=partitions,
    topic_disable_leader=True,
    # tansu lets the first member of a group wait for half of it.
    broker_session_timeout=6,
    broker_heartbeat_interval=2,
    consumer_auto_offset_reset="earliest",
    stream_wait_empty=False,
    web_enabled=False,
)
orders = app.topic(topic_name, key_type=str, key_serializer="raw", value_type=Order)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Measure:
    first_wall = first_cpu = 0.0

    def first(self):
        self.first_wall, self.first_cpu = time.time(), cpu_seconds()

    def end(self, events):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"result program=faust-{job} events={events} cpu={cpu_seconds():.3f} cpu_first={self.first_cpu:.3f} "
            f"seconds={time.time() - self.first_wall:.3f} first={self.first_wall - started:.3f} rss_mb={peak:.1f}",
            flush=True,
        )
        # Leaving the group and closing are not what is measured, and app.stop() from an agent waits for itself.
        os._exit(0)


measure = Measure()

if job == "filter":

    @app.agent(orders)
    async def pick(stream):
        matches = 0
        async for order in stream:
            if order.amount == 100:
                matches += 1
                if matches == 1:
                    measure.first()
                if matches == count // 100:
                    measure.end(count)

elif job == "count":
    counts = app.Table("counts", default=int, partitions=partitions)

    @app.agent(orders)
    async def tally(stream):
        events = 0
        async for key, _ in stream.items():
            counts[key] += 1
            events += 1
            if events == 1:
                measure.first()
            if events == count:
                measure.end(count)

elif job == "tumbling":
    counts = app.Table("counts", default=int, partitions=partitions).tumbling(60.0, expires=3600.0)

    @app.agent(orders)
    async def tally(stream):
        events = 0
        async for key, _ in stream.items():
            counts[key] += 1
            events += 1
            if events == 1:
                measure.first()
            if events == count:
                measure.end(count)

else:
    sys.exit(f"no such job: {job}")

if __name__ == "__main__":
    app.finalize()
    worker = faust.Worker(app, loglevel="WARN", redirect_stdouts=False, loop=asyncio.new_event_loop())
    worker.execute_from_commandline()
