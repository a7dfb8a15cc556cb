"""Bad moment: four times as many requests as the server can answer. The surplus is to hear quickly that it should come
again later, and the rest is to be served as if nothing were.

Many connections pause at random between their requests, so that about four times the peak is asked for, whatever is
answered. Probes beside the load look at single answers: their status, `Retry-After`, and how long they took.
"""

import http.client
import statistics
import threading
import time

import load
import report
from reads import ListOfFleet
from stats import Series

_TIMES = 4  # the peak
_PAUSE = 250  # milliseconds between a connection's requests, on average
_QUEUE = 1000  # requests that wait at the server: their connections ask for nothing meanwhile
_MOST = 15_000  # connections
_PROBES = 16  # clients that look at single answers
_SHARE, _QUICK = 0.9, 100  # targets: of the peak; milliseconds until a surplus request has its answer


class Probes:
    """Some clients that send one request after another beside the load, while entered. `seen` is what each answer was:
    status, `Retry-After`, milliseconds."""

    def __init__(self, server, requests):
        self.server, self.requests, self.seen, self.over = server, requests.requests, [], threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(_PROBES)]

    def _ask(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        while not self.over.wait(0.2):
            request, began = self.requests[number % len(self.requests)], time.perf_counter()
            number += _PROBES
            try:
                connection.request("GET", request.path, headers={"Authorization": f"Bearer {request.token}"})
                answer = connection.getresponse()
                answer.read()
                status, after = answer.status, answer.getheader("Retry-After")
            except (OSError, http.client.HTTPException):
                connection.close()
                status, after = 0, None
            self.seen.append((status, after, (time.perf_counter() - began) * 1000))
        connection.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(30)


class _Seen:
    """What was seen of the surplus in all runs."""

    def __init__(self):
        self.quick, self.right, self.slow = Series(), Series(), Series()

    def add(self, probes):
        surplus = [probe for probe in probes if probe[0] != 200]
        served = [milliseconds for status, _, milliseconds in probes if status == 200]
        if surplus:
            self.quick.add(statistics.median(milliseconds for _, _, milliseconds in surplus))
            self.right.add(sum(status == 503 and after is not None for status, after, _ in surplus) / len(surplus))
        if served:
            self.slow.add(statistics.median(served))

    def rows(self):
        if not self.quick.values:
            return [report.failed_row("overload", "what the surplus is answered", "no probe was turned away")]
        return [
            report.value_row("overload", "of the surplus answered 503 with Retry-After", self.right, "at least", 1.0),
            report.value_row("overload", "median time until such an answer", self.quick, "at most", _QUICK, unit="ms"),
        ]


def measure(context):
    settings, database, read = context.settings, context.postgres(), ListOfFleet(context.shape)
    kept, asked, seen = Series(), Series(), _Seen()
    for number in range(settings.runs):
        context.say_round("overload", number)
        with context.secret.start(database.url) as server:
            requests = read.requests(context, database.url)
            load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
            peak = (
                load.send(server.url, requests, settings.seconds, settings.clients, context.threads)
                .demand_all_good()
                .rate
            )
            clients = min(_MOST, round(_TIMES * peak * _PAUSE / 1000 + _QUEUE))
            with Probes(server, requests) as probes:
                result = load.send(server.url, requests, settings.seconds + 2, clients, context.threads, pause=_PAUSE)
        counted = result.counted
        kept.add((counted["requests"] - counted["bad_status"]) / counted["microseconds"] * 1e6 / peak)
        asked.add(result.rate / peak)
        seen.add(probes.seen)
    details = {"answers_over_peak": asked.as_json()}
    if seen.slow.values:
        details["served_after_ms"] = seen.slow.as_json()
    return [
        report.value_row("overload", f"at {_TIMES} times the load: served / peak", kept, "at least", _SHARE, details),
        *seen.rows(),
    ]
