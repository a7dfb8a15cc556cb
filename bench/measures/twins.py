"""Two processes of the server on one PostgreSQL, each with half the connections and half the load, beside one that has
all of both; and whether anyone waits for a lock meanwhile.

Each process has half of the threads that the one has, since they share the machine as the one has it to itself.
"""

import contextlib

import load
import report
from reads import ListOfFleet
from stats import Series

_TARGET = 1.0
_NOISE = 0.05  # below which a difference between runs on a shared machine says nothing
_SAMPLE = """SELECT coalesce(wait_event_type, 'running'), count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' GROUP BY 1;
\\watch 0.1
"""


class _Samples:
    """What the database's active connections wait for, looked at ten times a second."""

    def __init__(self, context, database):
        self.process = database.background(context.folder / "waits.log")
        self.process.popen.stdin.write(_SAMPLE.encode())
        self.process.popen.stdin.flush()

    def end(self):
        """How often each kind of wait was seen."""
        self.process.end()
        counts = {}
        for line in self.process.output().splitlines():
            kind, _, count = line.partition("|")
            if count.isdigit():
                counts[kind] = counts.get(kind, 0) + int(count)
        return counts


def _rate(context, servers, requests):
    """Requests a second of two halves of the load, each to its own server or both to the same."""
    settings = context.settings
    halves = [
        load.Background(
            context.folder / f"half-{number}.log",
            servers[number % len(servers)].url,
            requests,
            settings.seconds,
            settings.clients // 2,
            max(1, context.threads // 2),
        )
        for number in range(2)
    ]
    return sum(half.result(settings.seconds + 60).demand_all_good().rate for half in halves)


def measure(context):
    settings, database, read = context.settings, context.postgres(), ListOfFleet(context.shape)
    one, two, waits = Series(), Series(), {}
    for number in range(settings.runs):
        context.say_round("one process, two processes", number)
        for count, series in ((1, one), (2, two)):
            with contextlib.ExitStack() as stack:
                share = settings.connections // count, max(1, settings.cores // count)
                servers = [stack.enter_context(context.secret.start(database.url, *share)) for _ in range(count)]
                requests = read.requests(context, database.url)
                for server in servers:
                    load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
                samples = _Samples(context, database) if count == 2 else None
                series.add(_rate(context, servers, requests))
                for kind, seen in (samples.end() if samples else {}).items():
                    waits[kind] = waits.get(kind, 0) + seen
    details = {"one_per_second": one.as_json(), "two_per_second": two.as_json(), "waits_seen": waits}
    return [
        report.value_row(
            "twins",
            "two processes / one, requests a second of the list",
            two.over(one),
            "at least",
            _TARGET - _NOISE,
            details,
        ),
        report.value_row(
            "twins",
            "connections seen waiting for a lock meanwhile",
            Series([waits.get("Lock", 0)]),
            "at most",
            0,
            {"waits_seen": waits},
        ),
    ]
