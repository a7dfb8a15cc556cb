"""A read on PostgreSQL against its limit: what the database alone reaches with the same statements (D), and what a bare
web server reaches with the same answer (H); and the same read on SQLite."""

import contextlib

import capture
import load
import pgbench
import queueing
import report
from context import typical
from processes import Failed
from script import Script
from stats import Series

_SHARE = 0.7  # of full load, where latency is looked at too
_CLIENTS_AT_SHARE = 200  # so many that those who wait do not hold back those who come
_SQLITE_TARGET = 1.0  # of the rate on PostgreSQL
_TAIL_AT_FULL, _TAIL_AT_SHARE = 4, 3  # p99 over p50, at most


def scripts(context, database, read, server):
    """A pgbench script for each variant, from statements that the server runs now."""
    return [_script(context, database, read, server, variant) for variant in read.variants]


def _script(context, database, read, server, variant):
    numbers = [(variant * 97 + step * 31) % read.count for step in range(20)]
    accounts = [read.account(number) for number in numbers]
    tokens = context.secret.sign(database.url, accounts)

    def send(attempt):
        status, _, body = server.ask(read.request(numbers[attempt], variant, tokens[attempt]))
        if status != 200:
            raise Failed(f"{read.path(numbers[attempt], variant)} was answered {status}: {body[:300]}")

    samples = capture.statements(context.cluster, send, lambda attempt: [accounts[attempt][2]])
    samples = [(numbers[attempt], statements) for attempt, statements in samples]
    return Script(database, samples, read.known(), read.choose(), is_exact=read.is_exact)


class _OnSqlite:
    """The same read on SQLite, in the same runs."""

    def __init__(self, context, read_type):
        self.url, self.read = context.sqlite(), read_type(context.sqlite_shape)
        self.server = context.secret.start(self.url)
        self.rates = Series()

    def run(self, context):
        requests = self.read.requests(context, self.url)
        if not self.rates.values:
            load.check(self.server.url, requests, self.read.least, context.threads)
        self.rates.add(_full_load(context, self.server, requests).rate)


def _full_load(context, server, requests, bytes_each=None):
    """What wrk counts at full load, after a moment of warming up."""
    settings = context.settings
    load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
    result = load.send(server.url, requests, settings.seconds, settings.clients, context.threads)
    return result.demand_all_good(bytes_each)


class Limits:
    """D, H and our own rate on both databases, taken in turn."""

    def __init__(self, context, read_type):
        self.context, self.database = context, context.postgres()
        self.read, self.read_type = read_type(context.shape), read_type
        self.d, self.h, self.ours = Series(), Series(), Series()
        self.p50, self.p99 = Series(), Series()

    def measure(self, after_each=None):
        """Runs all; `after_each(server, requests, rate)` may measure more in the same run."""
        context = self.context
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(context.secret.start(self.database.url))
            self.scripts = scripts(context, self.database, self.read, server)
            requests = self.read.requests(context, self.database.url)
            headers, body = typical(server, self.read, requests)
            self.body = len(body)
            bytes_each = load.check(server.url, requests, self.read.least, context.threads)
            bare = stack.enter_context(context.secret.start_bare(headers, body))
            self.sqlite = _OnSqlite(context, self.read_type) if self.read.is_on_sqlite else None
            if self.sqlite:
                stack.enter_context(self.sqlite.server)
            for number in range(context.settings.runs):
                context.say_round(self.read.name, number)
                requests = self.read.requests(context, self.database.url)
                self._run(server, bare, requests, bytes_each)
                if after_each:
                    after_each(server, requests, self.ours.values[-1])
                if self.sqlite:
                    self.sqlite.run(context)

    def _run(self, server, bare, requests, bytes_each):
        context, settings = self.context, self.context.settings
        pgbench.rate(self.database, self.read.name, self.scripts, context.seconds_of_warming(), settings)
        self.d.add(pgbench.rate(self.database, self.read.name, self.scripts, settings.seconds, settings))
        self.h.add(_full_load(context, bare, requests).rate)
        result = _full_load(context, server, requests, bytes_each)
        self.ours.add(result.rate)
        self.p50.add(result.p50)
        self.p99.add(result.p99)

    def rows(self):
        """Of both databases, if it was read from both."""
        details = {
            "body_bytes": self.body,
            "p50_ms": self.p50.as_json(),
            "p99_ms": self.p99.as_json(),
            "statements": self.scripts[0].statements,
        }
        name, what = self.read.name, self.read.what
        limit = report.limit_row(name, f"{what}, PostgreSQL", self.d, self.h, self.ours, self.read.target, details)
        if not self.sqlite:
            return [limit]
        return [
            limit,
            report.value_row(
                name,
                f"{what}: on SQLite / on PostgreSQL",
                self.sqlite.rates.over(self.ours),
                "at least",
                _SQLITE_TARGET,
                {"sqlite_per_second": self.sqlite.rates.as_json(), "postgresql_per_second": self.ours.as_json()},
            ),
        ]


def read(read_type):
    """The measure of a read."""

    def measure(context):
        limits_of = Limits(context, read_type)
        limits_of.measure()
        return limits_of.rows()

    return measure


def list_of_fleet(read_type):
    """The measure of the list: also how much longer than usual the slowest hundredth takes."""

    def measure(context):
        limits_of = Limits(context, read_type)
        tails, shares = Series(), Series()

        def at_share(server, requests, rate):
            # Of connections that pause between requests, as many requests come as clients / (pause + time of answer).
            pause = round(1000 * _CLIENTS_AT_SHARE / (_SHARE * rate) - limits_of.p50.values[-1] / 4)
            seconds = context.settings.seconds + 1
            result = load.send(server.url, requests, seconds, _CLIENTS_AT_SHARE, context.threads, pause=pause)
            result.demand_all_good()
            tails.add(result.p99 / result.p50)
            shares.add(result.rate / rate)

        limits_of.measure(at_share)
        full = limits_of.p99.over(limits_of.p50)
        least = queueing.tail(context.settings.cores, _SHARE, _CLIENTS_AT_SHARE)
        return [
            *limits_of.rows(),
            report.value_row("list", "p99 / p50 of the list at full load", full, "at most", _TAIL_AT_FULL),
            report.value_row(
                "list",
                f"p99 / p50 of the list at {_SHARE:.0%} load (the queue alone would make {least:.1f} of requests that all took "
                "equally long)",
                tails,
                "at most",
                _TAIL_AT_SHARE,
                {"share_of_full_load": shares.as_json(), "of_equal_requests": least},
            ),
        ]

    return measure
