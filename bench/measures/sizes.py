"""Whether the list is as quick with many cars as with few: the same read on databases of several sizes, in turn, each warm:
what is read was read before."""

import data
import load
import report
from reads import ListOfFleet
from stats import Series

_SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
_ALWAYS = 1_000_000  # up to here whatever CARS says; more only when CARS does
_TARGET = 1.2


def measure(context):
    shapes = [data.Shape(cars) for cars in _SIZES if cars <= max(_ALWAYS, context.shape.cars)]
    fresh = [shape for shape in shapes if shape.cars != context.shape.cars]
    databases = {shape.cars: context.postgres(shape) for shape in shapes}
    rates = {shape.cars: Series() for shape in shapes}
    for number in range(context.settings.runs):
        context.say_round("the list at several sizes", number)
        for shape in shapes:
            rates[shape.cars].add(_rate(context, shape, databases[shape.cars]))
    for shape in fresh:
        context.forget(shape)
    ratio = Series(max(of_run) / min(of_run) for of_run in zip(*(series.values for series in rates.values())))
    sizes = ", ".join(f"{cars:,}: {series.median:,.0f}/s" for cars, series in rates.items())
    details = {"per_second": {str(cars): series.as_json() for cars, series in rates.items()}}
    return [
        report.value_row(
            "sizes", f"the list at several sizes, fastest / slowest ({sizes})", ratio, "at most", _TARGET, details
        )
    ]


def _rate(context, shape, database):
    settings, read = context.settings, ListOfFleet(shape)
    with context.secret.start(database.url) as server:
        requests = read.requests(context, database.url)
        times = 3 if shape.cars > _ALWAYS else 1
        load.warm(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads, times)
        bytes_each = load.check(server.url, requests, read.least, context.threads)
        result = load.send(server.url, requests, settings.seconds, settings.clients, context.threads)
    return result.demand_all_good(bytes_each).rate
