"""Bad moment: one connection of the server waits for ten seconds. What the others answer meanwhile may not take much
longer than before.

A lock on the row of a garage's stream is held from outside; a command of that garage, which changes nothing in the end,
waits for it, and is sent anew when the server gives it up.
"""

import contextlib
import threading
import time

import data
import load
import report
from load import Request
from processes import Failed
from reads import ListOfFleet
from stats import Series

_SECONDS = 10
_TARGET = 2


class Blocked:
    """A command that waits, while it is entered."""

    def __init__(self, context, database, server):
        self.server, self.database, self.waits, self.over = server, database, [], threading.Event()
        account = data.make_id(data.STAFF, 0), "staff", data.make_id(data.STAFF_SESSION, 0)
        path = f"/v1/passports/{data.make_id(data.PASSPORT, 0)}/invitation"  # refused: its driver has activated it
        self.request = Request(path, context.secret.sign(database.url, [account])[0], "POST")
        self.log = context.folder / "lock.log"
        self.thread = threading.Thread(target=self._ask, daemon=True)

    def _ask(self):
        while not self.over.is_set():
            began = time.monotonic()
            with contextlib.suppress(OSError):
                self.server.ask(self.request, 60)
            self.waits.append(time.monotonic() - began)

    def __enter__(self):
        self.lock = self.database.background(self.log)
        sql = f"BEGIN; SELECT 'held' FROM event_streams WHERE id = '{data.make_id(data.GARAGE, 0)}' FOR UPDATE;\n"
        self.lock.popen.stdin.write(sql.encode())
        self.lock.popen.stdin.flush()
        until = time.monotonic() + 10
        while "held" not in self.lock.output():
            if time.monotonic() > until:
                raise Failed(f"the lock could not be taken: {self.lock.last_words()}")
            time.sleep(0.02)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.lock.end()
        self.thread.join(60)


def measure(context):
    settings, database, read = context.settings, context.postgres(), ListOfFleet(context.shape)
    before, during, longest = Series(), Series(), Series()
    seconds = max(_SECONDS, settings.seconds)
    with context.secret.start(database.url) as server:
        for number in range(settings.runs):
            context.say_round("a slow query", number)
            requests = read.requests(context, database.url)
            load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
            clients = settings.clients, context.threads
            before.add(load.send(server.url, requests, settings.seconds, *clients).demand_all_good().p99)
            with Blocked(context, database, server) as blocked:
                during.add(load.send(server.url, requests, seconds, *clients).demand_all_good().p99)
            if longest.add(max(blocked.waits)) < 1:
                raise Failed(f"the command that should have waited took {blocked.waits} s")
    details = {
        "p99_ms_before": before.as_json(),
        "p99_ms_during": during.as_json(),
        "longest_wait_s": longest.as_json(),
    }
    what = f"p99 of the list while another connection waits {seconds} s / before"
    return [report.value_row("slow-query", what, during.over(before), "at most", _TARGET, details)]
