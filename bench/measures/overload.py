"""Bad moment: four times as many requests as the server can answer. The surplus is to hear quickly that it should come
again later, and the rest is to be served as if nothing were.

Many connections pause at random between their requests, so that about four times the peak is asked for, whatever is
answered. Probes beside the load look at single answers: their status, `Retry-After`, and how long they took.

Here the surplus is sent, received and turned away on the very cores that serve the rest. What of the peak that alone
leaves is measured too: the list under full load, while as many requests as the server turned away go to a bare web
server, which answers them with the same bytes.
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
_PAUSE = 50  # milliseconds between a connection's requests, on average
_TURNED_AWAY = 5  # milliseconds until a connection hears that it should come again later, about
_QUEUE = 1000  # requests that wait at the server: their connections ask for nothing meanwhile
_MOST = 15_000  # connections
_PROBES = 16  # clients that look at single answers
_SHARE, _QUICK = 0.9, 100  # targets: of the peak; milliseconds until a surplus request has its answer


class Probe:
    """One answer: status, headers, body, milliseconds that it took. Without an answer the status is 0."""

    def __init__(self, status, headers, body, milliseconds):
        self.status, self.headers, self.body, self.milliseconds = status, headers, body, milliseconds

    def is_right(self):
        """Whether a surplus request is told what it should be."""
        return self.status == 503 and any(name.lower() == "retry-after" for name, _ in self.headers)


class Probes:
    """Some clients that send one request after another beside the load, while entered. `seen` is what they saw."""

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
                seen = answer.status, answer.getheaders(), answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                seen = 0, [], b""
            self.seen.append(Probe(*seen, (time.perf_counter() - began) * 1000))
        connection.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(30)

    def surplus(self):
        return [probe for probe in self.seen if probe.status != 200]

    def served(self):
        return [probe for probe in self.seen if probe.status == 200]


class Overload:
    """What was seen in all runs."""

    def __init__(self, context):
        self.context, self.database = context, context.postgres()
        self.peak, self.kept, self.left, self.asked = Series(), Series(), Series(), Series()
        self.quick, self.right, self.slow = Series(), Series(), Series()

    def run(self, requests):
        context, settings = self.context, self.context.settings
        with context.secret.start(self.database.url) as server:
            load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
            self.database.weigh_as_one()
            peak = self.peak.add(self._full_load(server, requests))
            clients = min(_MOST, round(_TIMES * peak * (_PAUSE + _TURNED_AWAY) / 1000 + _QUEUE))
            with Probes(server, requests) as probes:
                result = load.send(server.url, requests, settings.seconds + 2, clients, context.threads, pause=_PAUSE)
            counted = result.counted
            if counted["broken"] or counted["timeouts"]:
                raise Failed(f"some got no answer at all: {counted}")
            turned_away = counted["bad_status"] / counted["microseconds"] * 1e6
            self.kept.add(result.rate - turned_away)
            self.asked.add(result.rate)
            surplus, served = probes.surplus(), probes.served()
            if surplus:
                self.quick.add(statistics.median(probe.milliseconds for probe in surplus))
                self.right.add(sum(probe.is_right() for probe in surplus) / len(surplus))
                refusal = next((probe for probe in reversed(surplus) if probe.is_right()), surplus[-1])
                self.left.add(self._beside_a_bare_server(server, requests, refusal, turned_away))
            if served:
                self.slow.add(statistics.median(probe.milliseconds for probe in served))

    def _full_load(self, server, requests):
        settings, threads = self.context.settings, self.context.threads
        return load.send(server.url, requests, settings.seconds, settings.clients, threads).demand_all_good().rate

    def _beside_a_bare_server(self, server, requests, refusal, rate):
        """The rate at full load while a bare web server gives so many refusals a second."""
        context, seconds = self.context, self.context.settings.seconds
        with context.secret.start_bare(refusal.headers, refusal.body) as bare:
            clients = max(context.threads, round(rate * (_PAUSE + _TURNED_AWAY) / 1000))
            log = context.folder / "surplus.log"
            surplus = load.Background(log, bare.url, requests, seconds + 2, clients, context.threads, pause=_PAUSE)
            time.sleep(1)
            reached = self._full_load(server, requests)
            sent = surplus.result(30).demand_all_good().rate
        if sent < rate * 0.9:
            raise Failed(f"only {sent:.0f} of {rate:.0f} a second could be sent to the bare server")
        return reached

    def rows(self):
        details = {
            "peak_per_second": self.peak.as_json(),
            "asked_over_peak": self.asked.over(self.peak).as_json(),
            "served_after_ms": self.slow.as_json() if self.slow.values else None,
        }
        kept = self.kept.over(self.peak)
        what = f"at {self.asked.over(self.peak).median:.1f} times the load: served"
        rows = [report.value_row("overload", f"{what} / peak", kept, "at least", _SHARE, details)]
        if len(self.left.values) < len(self.peak.values):
            return [*rows, report.failed_row("overload", "what the surplus is answered", "no probe was turned away")]
        left = self.left.over(self.peak).median
        return [
            *rows,
            report.value_row(
                "overload",
                f"{what} / peak beside a bare web server that turns away as many ({left:.2f} of the peak)",
                self.kept.over(self.left),
                "at least",
                _SHARE,
                {"left_over_peak": self.left.over(self.peak).as_json()},
            ),
            report.value_row("overload", "of the surplus answered 503 with Retry-After", self.right, "at least", 1.0),
            report.value_row("overload", "median time until such an answer", self.quick, "at most", _QUICK, unit="ms"),
        ]


def measure(context):
    overload, read = Overload(context), ListOfFleet(context.shape)
    for number in range(context.settings.runs):
        context.say_round("overload", number)
        overload.run(read.requests(context, overload.database.url))
    return overload.rows()
