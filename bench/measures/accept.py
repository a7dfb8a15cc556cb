"""A command against the database: accepting a transfer, with its events and jobs, compared with pgbench running the
same statements.

Each offer can be accepted once, so a store of them is laid in before each run, and neither side uses one twice. Offer n
is of the car in place n // blocks of block n % blocks, so that neighbours are of different garages: the fleet offers it
to the driver of the next car of the block as its new driver. The server runs while pgbench does: its worker sends the
mails that either side's jobs ask for.
"""

import capture
import data
import load
import pgbench
import report
from load import Request, Requests
from processes import Failed
from script import Known, Script, known_id, known_plate
from stats import Series

_TARGET = 0.6
_STORE = 1.6  # offers laid in, as a multiple of what the last run used
_TRIAL = 1500  # offers for the very first look, which tells how many a second there are


class Offers:
    """The offers: what follows from the number of one."""

    def __init__(self, shape):
        self.shape = shape
        self.count = shape.blocks * (data.BLOCK - 1)
        self.next = 0

    def take(self, count):
        """The numbers of so many fresh offers."""
        if self.next + count > self.count:
            raise Failed(f"{count} more offers are needed and {self.count - self.next} cars are left: take more CARS")
        self.next += count
        return range(self.next - count, self.next)

    def car(self, number):
        place, block = divmod(number, self.shape.blocks)
        return block * data.BLOCK + place

    def known(self):
        """What of the statements follows from the number of an offer."""
        shape = self.shape
        block = [f"\\set block :n % {shape.blocks}", f"\\set car :block * {data.BLOCK} + :n / {shape.blocks}"]
        car, recipient = self.car, lambda n: self.car(n) + 1
        found = [
            known_id(data.TRANSFER, "transfer", ":n", lambda n: n),
            known_id(data.PASSPORT, "passport", ":car", car),
            known_id(data.VEHICLE, "vehicle", ":car", car),
            known_id(data.DRIVER, "former", ":car", car),
            known_id(data.DRIVER, "recipient", ":car + 1", recipient),
            known_id(data.DRIVER_SESSION, "session", ":car + 1", recipient),
            known_id(data.CUSTOMER, "customer", ":car + 1", recipient),
            known_id(data.FLEET, "fleet", f":block % {shape.fleets}", lambda n: n % shape.blocks % shape.fleets),
            known_id(
                data.FLEET_ACCOUNT, "offerer", f":block % {shape.fleets}", lambda n: n % shape.blocks % shape.fleets
            ),
            known_id(data.GARAGE, "garage", f":block % {shape.garages}", lambda n: n % shape.blocks % shape.garages),
            Known(
                lambda n: data.driver_email(recipient(n)),
                "'bestuurder.' || :next_car || '@post.example'",
                ["\\set next_car :car + 1"],
            ),
            known_plate(car),
        ]
        for item in found:
            item.variables = block + item.variables
        return found

    def lay_in(self, context, database, numbers):
        """Stores offers, each with the link that was mailed for it."""
        context.secret.offer(database.url, self.shape.cars, ((n, self.car(n)) for n in numbers))
        database.psql("ANALYZE transfers, invitations; TRUNCATE jobs")

    def requests(self, context, database, numbers):
        """The requests that accept them, signed."""
        recipients = [self.car(n) + 1 for n in numbers]
        accounts = [(data.make_id(data.DRIVER, r), "driver", data.make_id(data.DRIVER_SESSION, r)) for r in recipients]
        tokens = context.secret.sign(database.url, accounts)
        return [
            Request(f"/v1/transfers/{data.make_id(data.TRANSFER, n)}/accept", token, "POST")
            for n, token in zip(numbers, tokens)
        ]


def _script(context, database, server, offers):
    """The pgbench script, from what the server runs for a few offers."""
    numbers = offers.take(10)
    offers.lay_in(context, database, numbers)
    requests = offers.requests(context, database, numbers)

    def send(attempt):
        status, _, body = server.ask(requests[attempt])
        if status != 200:
            raise Failed(f"accepting an offer was answered {status}: {body[:300]}")

    samples = capture.statements(context.cluster, send, lambda attempt: [data.make_id(data.TRANSFER, numbers[attempt])])
    samples = [(numbers[attempt], statements) for attempt, statements in samples]
    choose = ["\\set count :count + 1", "\\set n :base + :count * :clients + :client_id"]
    return Script(database, samples, offers.known(), choose, is_command=True)


class _Sides:
    """The two sides, and how many offers each is given for a run."""

    def __init__(self, context, database, server, offers):
        self.context, self.database, self.server, self.offers = context, database, server, offers
        self.script = _script(context, database, server, offers)

    def database_alone(self, count, seconds):
        """Transactions a second."""
        numbers, settings = self.offers.take(count), self.context.settings
        self.offers.lay_in(self.context, self.database, numbers)
        variables = [("count", -1), ("base", numbers[0]), ("clients", settings.connections)]
        return pgbench.rate(self.database, "accept", [self.script], seconds, settings, variables)

    def ours(self, count, seconds):
        """What wrk counts."""
        context, numbers = self.context, self.offers.take(count)
        self.offers.lay_in(context, self.database, numbers)
        requests = Requests(context.folder / "offers", self.offers.requests(context, self.database, numbers))
        result = load.send(self.server.url, requests, seconds, context.settings.clients, context.threads, mode="once")
        return result.demand_all_good()


def measure(context):
    """Both sides in turn."""
    database, settings = context.postgres(), context.settings
    offers, d, ours, p50, p99 = Offers(context.shape), Series(), Series(), Series(), Series()
    with context.secret.start(database.url) as server:
        sides = _Sides(context, database, server, offers)
        per_second = sides.ours(_TRIAL, 1).rate, sides.database_alone(_TRIAL * 2, 1)
        for number in range(settings.runs):
            context.say_round("accept", number)
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
            "accept",
            "accept a transfer, with events and jobs, PostgreSQL",
            d,
            None,
            ours,
            _TARGET,
            {"p50_ms": p50.as_json(), "p99_ms": p99.as_json(), "statements": sides.script.statements},
        )
    ]
