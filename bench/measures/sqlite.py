"""The four reads on SQLite, beside the same on PostgreSQL, in turn. Both databases hold the same cars."""

import load
import report
from reads import READS
from stats import Series


def measure(context):
    databases = {"PostgreSQL": context.postgres().url, "SQLite": context.sqlite()}
    rows = []
    for read_type in READS:
        rates = {name: Series() for name in databases}
        for number in range(context.settings.runs):
            context.say_round(f"{read_type.name} on both", number)
            for name, url in databases.items():
                rates[name].add(_rate(context, read_type(context.shape), url))
        details = {f"{name}_per_second": series.as_json() for name, series in rates.items()}
        ratio = rates["SQLite"].over(rates["PostgreSQL"])
        rows.append(
            report.value_row(
                "sqlite",
                f"{read_type.what}: requests a second on SQLite / on PostgreSQL",
                ratio,
                "at least",
                1.0,
                details,
            )
        )
    return rows


def _rate(context, read, url):
    """Requests a second of a read on one database."""
    settings = context.settings
    with context.secret.start(url) as server:
        requests = read.requests(context, url)
        bytes_each = load.check(server.url, requests, read.least, context.threads)
        load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
        result = load.send(server.url, requests, settings.seconds, settings.clients, context.threads)
    return result.demand_all_good(bytes_each).rate
