"""Bad moment: four times as many requests as the server can answer. The surplus is to hear quickly that it should come
again later, and the rest is to be served as if nothing were.

Many connections pause at random between their requests, so that about four times the peak is asked for, whatever is
answered. A probe beside the load looks at single answers: their status, `Retry-After`, and how long they took.
"""

import http.client
import statistics
import threading
import time

import load
import report
from processes import Failed
from reads import ListOfFleet
from stats import Series

_TIMES = 4  # the peak
_PAUSE = 250  # milliseconds between a connection's requests, on average
_QUEUE = 1000  # requests that wait at the server: their connections ask for nothing meanwhile
_MOST = 15_000  # connections
_SHARE, _QUICK = 0.9, 100  # targets: of the peak; milliseconds until a surplus request has its answer


class Probe:
    """Sends one request after another beside the load, while it is entered."""

    def __init__(self, server, requests):
        self.server, self.requests, self.seen, self.over = server, requests, [], threading.Event()
        self.thread = threading.Thread(target=self._ask, daemon=True)

    def _ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        for number in range(1_000_000):
            if self.over.wait(0.02):
                break
            request, began = self.requests.requests[number % len(self.requests.requests)], time.perf_counter()
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
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(30)


def measure(context):
    settings, database = context.settings, context.postgres()
    kept, asked, quick, right, slow = Series(), Series(), Series(), Series(), Series()
    for number in range(settings.runs):
        context.say_round("overload", number)
        with context.secret.start(database.url) as server:
            requests = ListOfFleet(context.shape).requests(context, database.url)
            load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
            peak = load.send(server.url, requests, settings.seconds, settings.clients, context.threads).demand_all_good().rate
            clients = min(_MOST, round(_TIMES * peak * _PAUSE / 1000 + _QUEUE))
            with Probe(server, requests) as probe:
                result = load.send(server.url, requests, settings.seconds + 2, clients, context.threads, pause=_PAUSE)
            counted = result.counted
            kept.add((counted["requests"] - counted["bad_status"]) / counted["microseconds"] * 1e6 / peak)
            asked.add(result.rate / peak)
            _look(probe.seen, quick, right, slow)
    details = {"asked_for_over_peak": asked.as_json(), "milliseconds_of_served": slow.as_json()}
    return [
        report.value_row("overload", f"at {_TIMES} times the load: served / peak", kept, "at least", _SHARE, details),
        report.value_row("overload", "of the surplus answered 503 with Retry-After", right, "at least", 1.0),
        report.value_row("overload", "median time until a 503", quick, "at most", _QUICK, unit="ms"),
    ]


def _look(seen, quick, right, slow):
    """What the probe saw, into the series."""
    surplus = [probe for probe in seen if probe[0] != 200]
    served = [milliseconds for status, _, milliseconds in seen if status == 200]
    if not surplus:
        raise Failed(f"none of {len(seen)} probes was turned away: the load was no overload")
    quick.add(statistics.median(milliseconds for _, _, milliseconds in surplus))
    right.add(sum(status == 503 and after is not None for status, after, _ in surplus) / len(surplus))
    slow.add(statistics.median(served) if served else 0)
