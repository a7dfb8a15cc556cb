"""Five thousand open streams of notifications, each of another driver: the server's memory with them, how long it takes from the
commit of what happened until its event arrives in the stream, and the list beside them compared with the list without, in turn.

The commit is that of the event and of the job that follows from it: the worker has to take the job, look up whom to tell, store
the notification, and find it for the stream.
"""

import contextlib
import queue
import random
import selectors
import socket
import threading
import time

import data
import load
import report
from processes import Failed, Peak, resident
from reads import ListOfFleet
from stats import Series

_STREAMS = 5_000
_TOLD = 100  # in a run without load; as many as fit beside the list
_MEMORY, _LATENCY, _BESIDE = 150, 1, 0.9
_EVENT = b"event: notification"


class Streams:
    """Streams of drivers, while it is entered."""

    def __init__(self, context, database, server):
        self.server, self.arrived, self.ended = server, queue.Queue(), 0
        step = max(1, context.shape.cars // _STREAMS)
        self.cars = [number * step % context.shape.cars for number in range(_STREAMS)]
        accounts = [
            (data.make_id(data.DRIVER, car), "driver", data.make_id(data.DRIVER_SESSION, car)) for car in self.cars
        ]
        self.tokens = context.secret.sign(database.url, accounts)
        self.selector, self.over = selectors.DefaultSelector(), threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self):
        for car, token in zip(self.cars, self.tokens):
            connection = socket.create_connection(("127.0.0.1", self.server.port), 30)
            head = f"GET /v1/notifications/stream HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
            connection.sendall(head.encode())
            self.selector.register(connection, selectors.EVENT_READ, [car, b""])
            begun = b""
            while b"retry:" not in begun:
                some = connection.recv(4096)
                begun += some
                if not some or (b"\r\n" in begun and b" 200 " not in begun):
                    raise Failed(f"a stream was answered {begun[:300]}")
            connection.setblocking(False)
        self.thread.start()
        return self

    def _listen(self):
        while not self.over.is_set():
            for key, _ in self.selector.select(0.1):
                self._read(key)

    def _read(self, key):
        at, known = time.time(), key.data
        try:
            some = key.fileobj.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            some = b""
        if not some:
            self.ended += 1
            self.selector.unregister(key.fileobj)
            return
        text = known[1] + some
        for _ in range(text.count(_EVENT)):
            self.arrived.put((known[0], at))
        known[1] = text[1 - len(_EVENT) :]

    def __exit__(self, *_):
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


class _Teller:
    """Has drivers told, one by one, and says how long each event was on its way."""

    def __init__(self, context, database, streams):
        self.process = context.secret.tell_one_by_one(database.url, context.shape.cars, "notify")
        self.streams, self.committed, self.pipes = streams, {}, self.process.popen

    def tell(self, number):
        car = self.streams.cars[number]
        self.pipes.stdin.write(f"{car}\n".encode())
        self.pipes.stdin.flush()
        words = self.pipes.stdout.readline().split()
        if len(words) != 2:
            raise Failed(f"nothing could be told: {self.process.last_words()}")
        self.committed[car] = int(words[1]) / 1e6

    def latencies(self):
        """Waits for all events, and ends."""
        found, until = {}, time.monotonic() + 20
        while len(found) < len(self.committed):
            with contextlib.suppress(queue.Empty):
                car, at = self.streams.arrived.get(timeout=1)
                found[car] = at - self.committed[car]
            if time.monotonic() > until:
                raise Failed(f"of {len(self.committed)} events only {len(found)} came")
        self.pipes.stdin.close()
        self.process.wait(10)
        return sorted(found.values())


def _rate(context, server, requests):
    settings = context.settings
    load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
    return load.send(server.url, requests, settings.seconds, settings.clients, context.threads).demand_all_good().rate


def _told_at_rest(context, database, streams, numbers):
    teller = _Teller(context, database, streams)
    for number in numbers:
        teller.tell(number)
        time.sleep(random.uniform(0, 0.1))
    return teller.latencies()


def _told_beside(context, database, streams, numbers, work):
    """What `work` gives, and how long events were on their way meanwhile."""
    teller, over = _Teller(context, database, streams), threading.Event()

    def tell():
        for number in numbers:
            teller.tell(number)
            if over.wait(random.uniform(0.1, 0.3)):
                break

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        result = work()
    finally:
        over.set()
        thread.join()
    return result, teller.latencies()


def measure(context):
    settings, database, read = context.settings, context.postgres(), ListOfFleet(context.shape)
    alone, beside, memory, rest, slowest, slowest_beside, median = (Series() for _ in range(7))
    database.psql("TRUNCATE jobs, notifications")
    for number in range(settings.runs):
        context.say_round(f"{_STREAMS:,} streams", number)
        requests = read.requests(context, database.url)
        with context.secret.start(database.url) as server, Peak(server.process) as peak:
            rest.add(resident(server.process.tree()))
            alone.add(_rate(context, server, requests))
            with Streams(context, database, server) as streams:
                numbers = iter(random.sample(range(_STREAMS), _STREAMS))
                at_rest = _told_at_rest(context, database, streams, [next(numbers) for _ in range(_TOLD)])
                rate, meanwhile = _told_beside(
                    context, database, streams, numbers, lambda: _rate(context, server, requests)
                )
                if streams.ended:
                    raise Failed(f"the server ended {streams.ended} of the streams")
        beside.add(rate)
        memory.add(peak.most)
        slowest.add(at_rest[-1])
        median.add(at_rest[len(at_rest) // 2])
        slowest_beside.add(meanwhile[-1])
        database.psql("TRUNCATE jobs, notifications")
    of = f"{_STREAMS:,} open streams of notifications"
    slow = f"{of}: from the commit until the event arrives, the slowest"
    rates = {"alone_per_second": alone.as_json(), "beside_per_second": beside.as_json()}

    def row(what, values, bound, target, details, unit=""):
        return report.value_row("streams", what, values, bound, target, details, unit)

    at_rest, medians = {"at_rest_mb": rest.as_json()}, {"median_s": median.as_json()}
    return [
        row(f"{of}: memory of the server, at the most", memory, "at most", _MEMORY, at_rest, "MB"),
        row(slow, slowest, "at most", _LATENCY, medians, "s"),
        row(f"{slow}, beside the full load of the list", slowest_beside, "at most", _LATENCY, {}, "s"),
        row(f"throughput of the list with {of} / without", beside.over(alone), "at least", _BESIDE, rates),
    ]
