"""The data that the measures run on: which rows there are, and how their ids follow from their numbers.

Per 1000 cars: one garage with 3 staff and 10 fleets; each fleet has 96 cars and its manager's own, and 3 more private
cars come with it. Cars come in blocks of 25, 24 of a fleet and one private, as they would be brought in; the four
blocks of a fleet stand far apart. So the shape is the same at every size, and only the depth grows. Each car has a
driver of its own, a customer's record, its history of hands and its events.

rows.py makes the rows of all that.
"""

import datetime

from names import STAFF_ROLES, TRADES

BLOCK = 25  # cars that come together, the last of them private
FLEETS_EACH = len(TRADES)  # fleets of a garage
BLOCKS_EACH = 4  # blocks of a fleet
STAFF_EACH = len(STAFF_ROLES)  # staff of a garage
CARS_EACH = BLOCK * BLOCKS_EACH * FLEETS_EACH  # cars of a garage
EVENTS_AHEAD = 1 + STAFF_EACH  # events of a garage before its first car
EVENTS_OF_BLOCK = (BLOCK - 1) * 4 + 3

NUMBERS_FROM = 100_000_000_000  # so that each number has 12 digits, as the last part of a UUID
_FIRST_DAY = datetime.datetime(2024, 1, 1, 8, tzinfo=datetime.timezone.utc)
NEVER = "1970-01-01 00:00:00+00"  # when what was never done was done last
_DAYS = 500  # over which the cars were brought in

# The parts of an id that tell its kind.
GARAGE, STAFF, FLEET_ACCOUNT, DRIVER = "0001", "0002", "0003", "0004"
CUSTOMER, FLEET, PASSPORT, TRANSFER, INVITATION = "0005", "0006", "0007", "0008", "0009"
STAFF_SESSION, FLEET_SESSION, DRIVER_SESSION = "0012", "0013", "0014"
VEHICLE = "0015"
CAR_EVENT, GARAGE_EVENT = "00e1", "00e2"
FRESH = "00f0"  # made by a command


def prefix(kind):
    """All of an id of a kind but its number: a UUID of version 7."""
    return f"0199c000-{kind}-7000-8000-"


def make_id(kind, number):
    """The id of the thing with a number (from 0) of its kind."""
    return f"0199c000-{kind}-7000-8000-{NUMBERS_FROM + number}"


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

    def fleet_of_block(self, block):
        return block % self.fleets

    def garage_of_block(self, block):
        return block % self.garages

    def manager_car(self, fleet):
        """The private car of a fleet's first block: its driver manages the fleet."""
        return fleet * BLOCK + BLOCK - 1

    def block_time(self, block):
        """When the cars of a block were brought in, as text."""
        return f"{_FIRST_DAY + datetime.timedelta(seconds=block * _DAYS * 86400 // self.blocks):%Y-%m-%d %H:%M:%S}+00"

    def activation_time(self, block):
        """When their drivers activated them."""
        later = datetime.timedelta(days=2, seconds=block * _DAYS * 86400 // self.blocks)
        return f"{_FIRST_DAY + later:%Y-%m-%d %H:%M:%S}+00"


def last_event(shape):
    """The number of the last event in each garage's stream."""
    blocks = shape.blocks // shape.garages
    return EVENTS_AHEAD + blocks * EVENTS_OF_BLOCK + FLEETS_EACH
