"""The data that the measures run on: which things there are, and how their ids follow from their numbers.

Per 1000 cars: one garage with 3 staff and 10 fleets; each fleet has 96 cars and its manager's own, and 3 more private
cars come with it. Cars come in blocks of 25, 24 of a fleet and one private, as they would be brought in; the four
blocks of a fleet stand far apart. So the shape is the same at every size, and only the depth grows. Each car has a
driver of its own, a customer's record, its history of hands and its events, and what was done to it in five years.
What a car is, and its past, come from the product's own generator of sample history (tools/src/past.rs).

`bench-tools fill` (tools/src/fill.rs) makes all that, by the product's own store; data.json is what the two share.
"""

import json
import pathlib

_SHARED = json.loads(pathlib.Path(__file__).with_name("data.json").read_text(encoding="utf-8"))

BLOCK = _SHARED["block"]  # cars that come together, the last of them private
FLEETS_EACH = len(_SHARED["trades"])  # fleets of a garage
STAFF_EACH = len(_SHARED["staffRoles"])  # staff of a garage
CARS_EACH = BLOCK * _SHARED["blocksOfFleet"] * FLEETS_EACH  # cars of a garage

NUMBERS_FROM = _SHARED["numbersFrom"]  # so that each number has 12 digits, as the last part of a UUID

# The parts of an id that tell its kind.
_KINDS = _SHARED["idKinds"]
GARAGE, STAFF, FLEET_ACCOUNT, DRIVER = (_KINDS[name] for name in ("garage", "staff", "fleetAccount", "driver"))
CUSTOMER, FLEET, PASSPORT, VEHICLE = (_KINDS[name] for name in ("customer", "fleet", "passport", "vehicle"))
STAFF_SESSION, FLEET_SESSION, DRIVER_SESSION = (
    _KINDS[name] for name in ("staffSession", "fleetSession", "driverSession")
)
TRANSFER, ADVICE = _KINDS["transfer"], _KINDS["advice"]
FRESH = "00f0"  # made by a command


def prefix(kind):
    """All of an id of a kind but its number: a UUID of version 7."""
    return f"0199c000-{kind}-7000-8000-"


def make_id(kind, number):
    """The id of the thing with a number (from 0) of its kind."""
    return f"{prefix(kind)}{NUMBERS_FROM + number}"


def driver_email(number):
    """The e-mail of the driver of the car with a number."""
    return f"bestuurder.{number}@post.example"


class Shape:
    """How many there are of each, for a number of cars."""

    def __init__(self, cars):
        self.garages = max(1, -(-cars // CARS_EACH))
        self.cars = self.garages * CARS_EACH
        self.fleets = self.garages * FLEETS_EACH
        self.blocks = self.cars // BLOCK
