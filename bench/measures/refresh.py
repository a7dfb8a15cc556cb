"""The daily refresh of the vehicle register, against a register on this machine whose answers take 50 ms unless told
otherwise: how many questions it takes, how long, and how much memory the server has meanwhile.

Once for cars that the register was never asked about, and once for the day after, when one in 365 has another APK date.
How often a second it asks is not limited here: the figures say what the server itself takes. It asks one question after
another, so with N questions at a latency of l and a rate of r a second it takes N * max(l, 1 / r) and the time of the
server's own. Each car is asked about once in a run, so there is one run of each, whatever RUNS says. Among other measures it takes
10,000 cars, since a million take about half an hour; alone (ONLY=refresh) as many as CARS says.
"""

import re
import time
import urllib.request

import data
import report
from processes import Failed, Peak, Process, free_port, wait_until_answers
from progress import say
from stats import Series

_RATE = 1000  # questions a second: no limit at all beside the latency
_AMONG_OTHERS = 10_000  # cars
_PATIENCE = 6 * 3600  # seconds that a round may take
# As if it were two days later: only what was asked within a day keeps a row from being due.
_NEXT_DAYS = """
    UPDATE registrations SET turn_at = turn_at - interval '2 days', checked_at = checked_at - interval '2 days',
        fetched_at = fetched_at - interval '2 days', apk_seen_at = apk_seen_at - interval '2 days'
    WHERE checked_at IS NOT NULL;
    VACUUM ANALYZE registrations;
"""


def _sums(server):
    """The counters of the refresh by their first label, from the server's metrics."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    found = re.findall(r'^vehicle_register_(requests|plates)_total\{(.*)\} (\d+)$', text, re.MULTILINE)
    return [(what, dict(re.findall(r'(\w+)="(\w+)"', labels)), int(count)) for what, labels, count in found]


def _count(sums, what, **labels):
    wanted = labels.items()
    return sum(count for name, has, count in sums if name == what and wanted <= has.items())


def _round(context, database, cars, day):
    """One round over all cars: requests, seconds, megabytes, cars that changed."""
    port, log = free_port(), context.folder / f"register-{day}.log"
    command = [
        context.secret.program("bench-tools"),
        "register",
        "--listen",
        f"127.0.0.1:{port}",
        "--latency",
        context.settings.latency,
        "--day",
        day,
    ]
    with Process(command, log) as register:
        wait_until_answers(f"http://127.0.0.1:{port}/", register)
        at, began = f"http://127.0.0.1:{port}/resource", time.monotonic()
        with context.secret.start(database.url, register=(at, _RATE)) as server, Peak(server.process) as peak:
            while True:
                time.sleep(0.5)
                sums, seconds = _sums(server), time.monotonic() - began
                if _count(sums, "plates", outcome="failed"):
                    raise Failed("the refresh failed; the server's log says why")
                done = _count(sums, "plates")
                if done >= cars:
                    break
                if seconds > _PATIENCE or server.process.popen.poll() is not None:
                    raise Failed(f"the refresh came no further than {done} cars: {server.process.last_words()}")
        requests = _count(sums, "requests")
        return requests, seconds, peak.most, _count(sums, "plates", outcome="changed")


def measure(context):
    settings, shape, rows = context.settings, context.shape, []
    if settings.measures != ["refresh"]:
        shape = data.Shape(min(settings.cars, _AMONG_OTHERS))
    database = context.postgres(shape)
    for day, what in enumerate(["never asked before", "the day after"]):
        say(f"refresh of {shape.cars:,} cars, {what}")
        requests, seconds, memory, changed = _round(context, database, shape.cars, day)
        details = {
            "latency_ms": settings.latency,
            "changed": changed,
            "seconds_without_latency": round(seconds - requests * settings.latency / 1000, 1),
            "for_a_million_cars": {
                "requests": round(requests * 1e6 / shape.cars),
                "minutes": round(seconds * 1e6 / shape.cars / 60, 1),
            },
        }
        cars = f"daily refresh of {shape.cars:,} cars at {settings.latency} ms an answer, {what}"
        rows += [
            report.value_row("refresh", f"{cars}: questions", Series([requests]), "at most", None, details),
            report.value_row("refresh", f"{cars}: duration", Series([seconds]), "at most", None, unit="s"),
            report.value_row("refresh", f"{cars}: memory", Series([memory]), "at most", 100, unit="MB"),
        ]
        database.psql(_NEXT_DAYS)
    return rows
