"""A command against the database: a service record with six lines, which closes two recommendations, renews intervals and
adds a reading of the odometer, compared with pgbench running the same statements.

Each side takes each car once, since a record changes what is known of a car. Record n is of the car in place
BLOCK - 2 - n // blocks of block n % blocks, so that neighbours are of different garages, and `accept` has other cars. The
admin of the garage sends it. Before each run the recommendations are laid in, and the cars' odometers are looked up: a
record shows ten kilometres more than the car's passport. The odometer of pgbench's cars becomes that of the captured one.
"""

import json

import capture
import data
import load
import pgbench
import report
from load import Request, Requests
from processes import Failed
from script import Known, Script, known_id, known_plate
from stats import Series

_TARGET = 0.5
_STORE = 1.6  # records for which there are cars, as a multiple of what the last run used
_TRIAL = 1500  # records for the very first look, which tells how many a second there are
_TASKS = "brake_fluid", "brake_fluid", "cabin_filter", "wipers", "wheel_alignment", "lights"
_NET_CENTS = 4_500, 2_200, 3_900, 2_800, 7_500, 1_800


def _invoice(number):
    return f"B-{data.NUMBERS_FROM + number}"


class Records:
    """The records: what follows from the number of one."""

    def __init__(self, shape):
        self.shape = shape
        self.count = shape.blocks * (data.BLOCK - 1)
        self.next = 0

    def take(self, count):
        """The numbers of so many fresh records."""
        if self.next + count > self.count:
            raise Failed(f"{count} more cars are needed and {self.count - self.next} are left: take more CARS")
        self.next += count
        return range(self.next - count, self.next)

    def car(self, number):
        place, block = divmod(number, self.shape.blocks)
        return block * data.BLOCK + data.BLOCK - 2 - place

    def garage(self, number):
        return number % self.shape.blocks % self.shape.garages

    def known(self):
        """What of the statements follows from the number of a record."""
        shape, car = self.shape, self.car
        block = [
            f"\\set block :n % {shape.blocks}",
            f"\\set car :block * {data.BLOCK} + {data.BLOCK - 2} - :n / {shape.blocks}",
            f"\\set garage :block % {shape.garages}",
        ]

        def staff(number):
            return self.garage(number) * data.STAFF_EACH

        found = [
            known_id(data.ADVICE, "first", ":n * 2", lambda n: n * 2),
            known_id(data.ADVICE, "second", ":n * 2 + 1", lambda n: n * 2 + 1),
            known_id(data.PASSPORT, "passport", ":car", car),
            known_id(data.VEHICLE, "vehicle", ":car", car),
            known_id(data.DRIVER, "driver", ":car", car),
            known_id(data.CUSTOMER, "customer", ":car", car),
            known_id(data.FLEET, "fleet", f":block % {shape.fleets}", lambda n: n % shape.blocks % shape.fleets),
            known_id(data.GARAGE, "garage_id", ":garage", self.garage),
            known_id(data.STAFF, "staff", f":garage * {data.STAFF_EACH}", staff),
            known_id(data.STAFF_SESSION, "session", f":garage * {data.STAFF_EACH}", staff),
            Known(_invoice, "'B-' || :invoice", [f"\\set invoice {data.NUMBERS_FROM} + :n"]),
            known_plate(car),
        ]
        for item in found:
            item.variables = block + item.variables
        return found

    def lay_in(self, context, database, numbers):
        """Stores the recommendations that records close."""
        context.secret.advise(database.url, self.shape.cars, ((n, self.car(n)) for n in numbers))
        database.psql("ANALYZE recommendations; TRUNCATE jobs")

    def requests(self, context, database, numbers):
        """The requests that add them, signed."""
        accounts = []
        for n in numbers:
            staff = self.garage(n) * data.STAFF_EACH
            accounts.append((data.make_id(data.STAFF, staff), "staff", data.make_id(data.STAFF_SESSION, staff)))
        tokens, ids = context.secret.sign(database.url, accounts), [data.make_id(data.PASSPORT, self.car(n)) for n in numbers]
        wanted = ", ".join(f"'{id}'" for id in ids)
        shown = dict(database.rows(f"SELECT id, coalesce(odometer_km, 0) FROM passports WHERE id IN ({wanted})"))
        return [
            Request(f"/v1/passports/{id}/service-records", token, "POST", _body(n, int(shown[id]) + 10))
            for n, id, token in zip(numbers, ids, tokens)
        ]


def _body(number, km):
    lines = [{"task": task, "netCents": cents, "vatRate": "21"} for task, cents in zip(_TASKS, _NET_CENTS)]
    record = {"odometerKm": km, "mechanic": "Kees Smit", "lines": lines, "invoiceNumber": _invoice(number)}
    return json.dumps(record, separators=(",", ":"))


def _script(context, database, server, records):
    """The pgbench script, from what the server runs for a few records."""
    numbers = records.take(10)
    records.lay_in(context, database, numbers)
    requests = records.requests(context, database, numbers)

    def send(attempt):
        status, _, body = server.ask(requests[attempt])
        if status != 201:
            raise Failed(f"a record was answered {status}: {body[:300]}")
        closed = json.loads(body)["closedRecommendationIds"]
        if len(closed) != 2:
            raise Failed(f"a record closed {len(closed)} recommendations")

    samples = capture.statements(context.cluster, send, lambda attempt: [data.make_id(data.ADVICE, numbers[attempt] * 2)])
    samples = [(numbers[attempt], statements) for attempt, statements in samples]
    choose = ["\\set count :count + 1", "\\set n :base + :count * :clients + :client_id"]
    return Script(database, samples, records.known(), choose, is_command=True)


class _Sides:
    """The two sides, and how many records each is given for a run."""

    def __init__(self, context, database, server, records):
        self.context, self.database, self.server, self.records = context, database, server, records
        self.script = _script(context, database, server, records)

    def database_alone(self, count, seconds):
        """Transactions a second."""
        numbers, settings = self.records.take(count), self.context.settings
        self.records.lay_in(self.context, self.database, numbers)
        variables = [("count", -1), ("base", numbers[0]), ("clients", settings.connections)]
        return pgbench.rate(self.database, "records", [self.script], seconds, settings, variables)

    def ours(self, count, seconds):
        """What wrk counts."""
        context, numbers = self.context, self.records.take(count)
        self.records.lay_in(context, self.database, numbers)
        requests = Requests(context.folder / "records", self.records.requests(context, self.database, numbers))
        result = load.send(self.server.url, requests, seconds, context.settings.clients, context.threads, mode="once")
        return result.demand_all_good()


def measure(context):
    """Both sides in turn."""
    database, settings = context.postgres(), context.settings
    records, d, ours, p50, p99 = Records(context.shape), Series(), Series(), Series(), Series()
    with context.secret.start(database.url) as server:
        sides = _Sides(context, database, server, records)
        per_second = sides.ours(_TRIAL, 1).rate, sides.database_alone(_TRIAL * 2, 1)
        for number in range(settings.runs):
            context.say_round("records", number)
            needed = [int(rate * settings.seconds * _STORE) + 500 for rate in per_second]
            d.add(sides.database_alone(needed[1], settings.seconds))
            result = sides.ours(needed[0], settings.seconds)
            ours.add(result.rate)
            p50.add(result.p50)
            p99.add(result.p99)
            per_second = result.rate, d.values[-1]
        database.psql("TRUNCATE jobs")
    return [
        report.limit_row(
            "records",
            "a service record with six lines, which closes two recommendations, PostgreSQL",
            d,
            None,
            ours,
            _TARGET,
            {"p50_ms": p50.as_json(), "p99_ms": p99.as_json(), "statements": sides.script.statements},
        )
    ]
