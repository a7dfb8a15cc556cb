"""Importing what was done to cars before, as a garage does that brings its workshop's history along: several garages send a
stream of JSON lines each, and every line makes a service record with its lines and invoice, a reading of the odometer and
their events, and has the car judged anew. The cars are imported before that, and are not counted. A stream is in the order
in which a workshop's own system has it: car by car.
"""

import datetime
import json

import names
import report
from measures import imports
from processes import Failed
from stats import Series

_TARGET = 15_000
_SECONDS = 6  # how long a run is to take at the rate that is asked for
_RECORDS = 10  # of each car
_DAYS = 60  # from one to the next
_TASKS = (
    ("oil_and_filter", "5W-30", 4_500),
    ("air_filter", None, 2_250),
    ("brake_fluid", "DOT 4", 3_900),
    ("wipers", None, 2_400),
)


def _line(number, visit):
    """A visit of the car with this number to its garage, after it was admitted to the road."""
    task, text, cents = _TASKS[(number + visit) % len(_TASKS)]
    part = {"task": task, "kind": "part", "netCents": cents, "vatRate": "21"}
    if text:
        part["text"] = text
    day = datetime.date(imports.year(number), 2, 1) + datetime.timedelta(days=number % 28 + _DAYS * visit)
    return json.dumps(
        {
            "licencePlate": {"number": names.plate(number)},
            "doneOn": day.isoformat(),
            "odometerKm": 1_000 + 3_000 * visit,
            "mechanic": names.FIRST_NAMES[number % len(names.FIRST_NAMES)],
            "lines": [{"task": task, "kind": "labour", "quantity": "0.75", "netCents": 6_375, "vatRate": "21"}, part],
            "invoiceNumber": f"{number}-{visit}",
        },
        ensure_ascii=False,
    )


def _files(context, begin, cars):
    """A file of lines for each garage: each of its cars with all its visits."""
    made = []
    for garage in range(imports.GARAGES):
        file = context.folder / f"history-{garage}.ndjson"
        numbers = range(begin + garage * cars, begin + (garage + 1) * cars)
        lines = (_line(number, visit) for number in numbers for visit in range(_RECORDS))
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        made.append(file)
    return made


def measure(context):
    settings, database = context.settings, context.postgres()
    cars = _TARGET * _SECONDS // imports.GARAGES // _RECORDS
    count = cars * _RECORDS
    # At the end of the plates, so that the import of cars has those that it needs.
    begin = names.PLATES - settings.runs * imports.GARAGES * cars
    if begin < context.shape.cars:
        raise Failed(f"{context.shape.cars} cars leave too few plates")
    rates, grown, peak = Series(), Series(), Series()
    with context.secret.start(database.url) as server:
        for number in range(settings.runs):
            context.say_round("history", number)
            tokens = context.secret.sign(database.url, imports.admins())
            imports.run(context, server, tokens, begin, cars)
            files = _files(context, begin, cars)
            rate, memory = imports.send(server, tokens, "/v1/service-record-imports", files, count)
            rates.add(rate)
            grown.add(imports.growth(memory))
            peak.add(max(memory))
            begin += imports.GARAGES * cars
    what = f"import of service records, {imports.GARAGES} garages at once, {count:,} lines each"
    return [
        report.value_row("history", what, rates, "at least", _TARGET, unit="lines/s"),
        report.value_row("history", "memory in the last fifth of an import / in the second", grown, "at most", 1.1),
        report.value_row("history", "memory while importing", peak, "at most", 100, unit="MB"),
    ]
