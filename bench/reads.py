"""The reads that everyone waits for, each by who sends it: which requests there are, and what of the statements
follows from the number of a request."""

import itertools
import random
import time

import data
from load import Request, Requests
from names import TRADES, search_key
from script import known_id

_MOST = 20_000  # different requests in one run
_FRESH = 400  # seconds until tokens, which are good for 900, are signed anew
_files = itertools.count()
_TYPED = 3  # letters typed of a fleet's name


class Read:
    """A read: requests numbered from 0, of `count(shape)` accounts.

    `accounts(n)` are kind, kind of id and of session, number of the account. `least` is the number of bytes that a body
    has at the least when all that was asked for is in it.
    """

    name = what = ""
    target = 0.7  # of the limit
    least = 200
    variants = (0,)
    is_exact = True  # whether all values of its statements follow from the number
    is_on_sqlite = True  # whether it is measured there too

    def __init__(self, shape):
        self.shape, self.signed = shape, {}

    def path(self, number, variant):
        raise NotImplementedError

    def account(self, number):
        """Id, kind and session of the account that sends the request."""
        kind, owner, session, index = self.signed_in(number)
        return data.make_id(owner, index), kind, data.make_id(session, index)

    def request(self, number, variant, token):
        return Request(self.path(number, variant), token)

    def requests(self, context, database_url):
        """Signed requests of many accounts, in a file; signed anew when their tokens have but a few minutes left."""
        kept = self.signed.get(database_url)
        if not kept or time.monotonic() - kept[0] > _FRESH:
            kept = self.signed[database_url] = time.monotonic(), self._sign(context, database_url)
        return kept[1]

    def _sign(self, context, database_url):
        numbers = range(self.count)
        if self.count > _MOST:
            numbers = random.Random(1).sample(numbers, _MOST)
        tokens = context.secret.sign(database_url, map(self.account, numbers))
        pairs = zip(numbers, tokens)
        made = [self.request(number, variant, token) for number, token in pairs for variant in self.variants]
        return Requests(context.folder / f"requests-{next(_files)}", made)

    def choose(self):
        """How pgbench chooses the number."""
        return [f"\\set n random(0, {self.count - 1})"]


class ListOfFleet(Read):
    name, what = "list", "list 50 cars of a fleet with status, reasons, next due item and day (fleet account)"
    target, least = 0.75, 50 * 400

    def __init__(self, shape):
        super().__init__(shape)
        self.count = shape.fleets

    def signed_in(self, number):
        return "fleet", data.FLEET_ACCOUNT, data.FLEET_SESSION, number

    def path(self, number, variant):
        return "/v1/passports"

    def known(self):
        garages = self.shape.garages
        return [
            known_id(data.FLEET_SESSION, "session", ":n", lambda n: n),
            known_id(data.FLEET_ACCOUNT, "account", ":n", lambda n: n),
            known_id(data.FLEET, "fleet", ":n", lambda n: n),
            known_id(data.GARAGE, "garage", f":n % {garages}", lambda n: n % garages),
        ]


class OnePassport(Read):
    name, what, least = "passport", "one passport (driver)", 300

    def __init__(self, shape):
        super().__init__(shape)
        self.count = shape.cars

    def signed_in(self, number):
        return "driver", data.DRIVER, data.DRIVER_SESSION, number

    def path(self, number, variant):
        return f"/v1/passports/{data.make_id(data.PASSPORT, number)}"

    def known(self):
        kinds = (
            (data.DRIVER_SESSION, "session"),
            (data.DRIVER, "account"),
            (data.PASSPORT, "passport"),
            (data.CUSTOMER, "customer"),
        )
        return [known_id(kind, name, ":n", lambda n: n) for kind, name in kinds]


class FleetsOfGarage(Read):
    name, what, least = "fleets", "list of fleets with counts (garage)", 10 * 300

    def __init__(self, shape):
        super().__init__(shape)
        self.count = shape.garages

    def signed_in(self, number):
        return "staff", data.STAFF, data.STAFF_SESSION, number * data.STAFF_EACH

    def path(self, number, variant):
        return "/v1/fleets"

    def known(self):
        garages = self.shape.garages

        def fleet(trade):
            return known_id(data.FLEET, f"fleet{trade}", f":n + {trade * garages}", lambda n: n + trade * garages)

        return [
            known_id(data.STAFF_SESSION, "session", f":n * {data.STAFF_EACH}", lambda n: n * data.STAFF_EACH),
            known_id(data.STAFF, "account", f":n * {data.STAFF_EACH}", lambda n: n * data.STAFF_EACH),
            known_id(data.GARAGE, "garage", ":n", lambda n: n),
            *map(fleet, range(data.FLEETS_EACH)),
        ]


class FleetByTyping(FleetsOfGarage):
    name, what, least = "type-ahead", f"type-ahead of a fleet name, {_TYPED} letters (garage)", 300
    variants = tuple(range(data.FLEETS_EACH))

    def path(self, number, variant):
        return f"/v1/fleets?search={search_key(TRADES[variant])[:_TYPED]}"


class ExpectedMaintenance(Read):
    """Whose prices a car has follows from its make and model, which pgbench cannot compute: in its statement about costs,
    the groups stay those of the captured request, but for the garage's own."""

    name, what, least = "expected", "expected maintenance of one car for two years, with costs (garage)", 2000
    target = 0.6
    is_exact, is_on_sqlite = False, False

    def __init__(self, shape):
        super().__init__(shape)
        self.count = shape.cars

    def _garage(self, number):
        return number // data.BLOCK % self.shape.garages

    def signed_in(self, number):
        return "staff", data.STAFF, data.STAFF_SESSION, self._garage(number) * data.STAFF_EACH

    def path(self, number, variant):
        return f"/v1/passports/{data.make_id(data.PASSPORT, number)}/expected-maintenance"

    def known(self):
        garage = [f"\\set garage :n / {data.BLOCK} % {self.shape.garages}"]

        def staff(number):
            return self._garage(number) * data.STAFF_EACH

        found = [
            known_id(data.STAFF_SESSION, "session", f":garage * {data.STAFF_EACH}", staff),
            known_id(data.STAFF, "account", f":garage * {data.STAFF_EACH}", staff),
            known_id(data.GARAGE, "garage_id", ":garage", self._garage),
            known_id(data.PASSPORT, "passport", ":n", lambda n: n),
            known_id(data.VEHICLE, "vehicle", ":n", lambda n: n),
        ]
        for item in found:
            item.variables = garage + item.variables
        return found


class UnreadCount(Read):
    """Of drivers who were told something: `measures/unread.py` lays it in."""

    name, what, least = "unread", "how many notifications are unread (driver)", len('{"count":1}')
    is_on_sqlite = False

    def __init__(self, shape):
        super().__init__(shape)
        self.count = min(shape.cars, _MOST)

    def signed_in(self, number):
        return "driver", data.DRIVER, data.DRIVER_SESSION, number

    def path(self, number, variant):
        return "/v1/notifications/unread-count"

    def known(self):
        kinds = (data.DRIVER_SESSION, "session"), (data.DRIVER, "account")
        return [known_id(kind, name, ":n", lambda n: n) for kind, name in kinds]


READS = (ListOfFleet, OnePassport, FleetsOfGarage, FleetByTyping)
