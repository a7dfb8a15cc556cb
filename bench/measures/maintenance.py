"""Reads of what cars need, and learning what that costs."""

import statistics
import time

import data
import learning
import load
import report
from garages import large_garage
from load import Request, Requests
from reads import ExpectedMaintenance, ListOfFleet
from stats import Series

from measures.limits import Limits

_ROUND_TRIPS = 3
_FILTERS = ("urgent", "attention", "good", "urgent,attention")
_SLOWER = 1.5  # than the plain list
_LEARNING = 300, 200  # seconds, MB
_BESIDE = 0.8  # of the list's rate without
_LOOKED_AT = 60  # seconds of learning under load, at the most


def expected(context):
    """What a car needs in two years, against its limit."""
    limits_of = Limits(context, ExpectedMaintenance)
    limits_of.measure()
    count = Series([len(limits_of.scripts[0].statements)])
    what = "statements of a request of expected maintenance with costs"
    return [*limits_of.rows(), report.value_row("expected", what, count, "at most", _ROUND_TRIPS)]


def due(context):
    """The first page of a large garage's cars by status and next due day, beside the plain list: one request after
    another."""
    database, settings = context.postgres(), context.settings
    ratios, plain_ms = {name: Series() for name in _FILTERS}, Series()
    with large_garage(context, database) as (garage, cars), context.secret.start(database.url) as server:
        staff = garage * data.STAFF_EACH
        account = data.make_id(data.STAFF, staff), "staff", data.make_id(data.STAFF_SESSION, staff)

        def page_ms(query):
            token = context.secret.sign(database.url, [account])[0]
            requests = Requests(context.folder / "due", [Request(f"/v1/passports{query}", token)])
            load.send(server.url, requests, 1, 1, 1)
            return 1000 / load.send(server.url, requests, settings.seconds, 1, 1).demand_all_good().rate

        for number in range(settings.runs):
            context.say_round("cars by status and next due day", number)
            plain = plain_ms.add(page_ms(""))
            for name, series in ratios.items():
                series.add(page_ms(f"?carStatus={name}&sort=nextDueOn") / plain)
    worst = Series(max(of_run) for of_run in zip(*(series.values for series in ratios.values())))
    each = ", ".join(f"{name.replace(',', ' or ')}: {series.median:.2f}" for name, series in ratios.items())
    what = f"first page by status and next due day / plain list, a garage of {cars:,} cars, the slowest ({each})"
    details = {"plain_ms": plain_ms.as_json(), "ratios": {name: series.as_json() for name, series in ratios.items()}}
    return [report.value_row("due", what, worst, "at most", _SLOWER, details)]


def _rates_while(context, server, requests, goes_on):
    """Requests a second, in short runs, as long as something else goes on; the last run, in which it ended, left out."""
    settings, rates = context.settings, []
    until = time.monotonic() + _LOOKED_AT
    while time.monotonic() < until:
        rate = load.send(server.url, requests, 2, settings.clients, context.threads).demand_all_good().rate
        if not goes_on() and rates:
            break
        rates.append(rate)
    return rates


def learn(context):
    """Learning costs from all records: how long and with how much memory, alone; and the list's rate beside it. It was
    learned once when the database was filled; here it is learned anew, under the full load of the list, and ended after a
    minute."""
    database, settings, read = context.postgres(), context.settings, ListOfFleet(context.shape)
    lines = int(database.psql("SELECT count(*) FROM service_lines"))
    seconds, memory = context.learning
    with context.secret.start(database.url) as server:
        requests = read.requests(context, database.url)

        def full_rate():
            clients = settings.clients, context.threads
            load.send(server.url, requests, context.seconds_of_warming(), *clients)
            return load.send(server.url, requests, settings.seconds, *clients).demand_all_good().rate

        before = full_rate()
        learning.forget(database)
        with context.secret.learn_costs(database.url) as process:
            rates = _rates_while(context, server, requests, lambda: process.popen.poll() is None)
            is_done = process.popen.poll() == 0
        if not is_done:
            learning.restore(database)
        alone = statistics.mean([before, full_rate()])
    beside = Series(rate / alone for rate in rates)
    what = f"learning costs from {lines:,} lines"
    details = {"alone_per_second": alone, "beside_per_second": rates}
    return [
        report.value_row("learn", f"{what}: duration", Series([seconds]), "at most", _LEARNING[0], unit="s"),
        report.value_row("learn", f"{what}: memory", Series([memory]), "at most", _LEARNING[1], unit="MB"),
        report.value_row("learn", f"{what}: the list beside it / without", beside, "at least", _BESIDE, details),
    ]
