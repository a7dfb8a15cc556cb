"""The rows of the generated data, table by table.

They are lines for PostgreSQL's COPY in text form: columns parted by tabs, `\\N` for null. `TABLES` says what each
column is, so that the same lines can be read for SQLite (fill.py). As a program it prints some of them: each stream
into PostgreSQL has a process of its own that makes the rows.
"""

import json
import sys

from data import (
    BLOCK,
    CAR_EVENT,
    CUSTOMER,
    DRIVER,
    DRIVER_SESSION,
    EVENTS_AHEAD,
    EVENTS_OF_BLOCK,
    FLEET,
    FLEET_ACCOUNT,
    FLEET_SESSION,
    FLEETS_EACH,
    GARAGE,
    GARAGE_EVENT,
    NEVER,
    NUMBERS_FROM,
    PASSPORT,
    STAFF,
    STAFF_EACH,
    STAFF_SESSION,
    VEHICLE,
    Shape,
    last_event,
    make_id,
    prefix,
)
from names import CARS, PERSONS, PLACES, STAFF_ROLES, STREETS, fleet_name, garage_name, person, plate, search_key, vin


def _garages(shape, numbers, _):
    for n in numbers:
        place, code = PLACES[n % len(PLACES)]
        name, created = garage_name(n), shape.block_time(0)
        yield (
            f"{make_id(GARAGE, n)}\t{name}\t\\N\tinfo@garage-{n}.example\t+3130{2000000 + n}\t"
            f"{STREETS[n % len(STREETS)]} {n % 90 + 1}\t{code} AB\t{place}\tNL\tnl\tEUR\t"
            f"Europe/Amsterdam\t1\t{created}\t{created}\n"
        )


def _account(kind, account, email, name, garage, role, options, created):
    return (
        f"{account}\t{kind}\t{email}\t{email}\t{name}\tnl\tactive\t{garage}\t{role}\t{options['password_hash']}\t1\t"
        f"{created}\t{created}\n"
    )


def _staff(shape, numbers, options):
    created = shape.block_time(0)
    for n in numbers:
        garage, role = divmod(n, STAFF_EACH)
        email = f"medewerker.{role + 1}@garage-{garage}.example"
        name = person(n * 5 + 1)[0]
        yield _account(
            "staff", make_id(STAFF, n), email, name, make_id(GARAGE, garage), STAFF_ROLES[role], options, created
        )


def _fleet_accounts(shape, numbers, options):
    for n in numbers:
        name, created = fleet_name(n // shape.garages, n), shape.block_time(n)
        email = f"wagenpark@bedrijf-{n}.example"
        yield _account("fleet", make_id(FLEET_ACCOUNT, n), email, name, "\\N", "\\N", options, created)


def _drivers(shape, blocks, options):
    hashed, driver = options["password_hash"], prefix(DRIVER)
    for block in blocks:
        since = shape.activation_time(block)
        tail = f"nl\tactive\t\\N\t\\N\t{hashed}\t1\t{since}\t{since}\n"
        first = block * BLOCK
        yield "".join(
            f"{driver}{NUMBERS_FROM + car}\tdriver\tbestuurder.{car}@post.example\tbestuurder.{car}@post.example\t"
            f"{PERSONS[car * 31 % len(PERSONS)][0]}\t{tail}"
            for car in range(first, first + BLOCK)
        )


def _customers(shape, blocks, _):
    customer = prefix(CUSTOMER)
    for block in blocks:
        created = shape.block_time(block)
        place, code = PLACES[block % len(PLACES)]
        street = STREETS[block % len(STREETS)]
        garage, place_key = make_id(GARAGE, shape.garage_of_block(block)), search_key(place)
        tail = f"NL\tnl\t20000\tmixed\tt\t\\N\t1\t{created}\t{created}\n"
        lines = []
        for car in range(block * BLOCK, (block + 1) * BLOCK):
            name, key = PERSONS[car * 31 % len(PERSONS)]
            kind = "company" if car % BLOCK == BLOCK - 1 else "person"
            email, mobile = f"bestuurder.{car}@post.example", f"+316{10000000 + car}"
            lines.append(
                f"{customer}{NUMBERS_FROM + car}\t{garage}\t{kind}\t{name}\t{key}\t"
                f" {key} bestuurder {car} post example {mobile[1:]} {code} ab {place_key}\t{email}\t{email}\t{mobile}\t"
                f"{street} {car % 200 + 1}\t{code} AB\t{place}\t{tail}"
            )
        yield "".join(lines)


def _fleets(shape, numbers, _):
    for n in numbers:
        name, created = fleet_name(n // shape.garages, n), shape.block_time(n)
        manager = shape.manager_car(n)
        yield (
            f"{make_id(FLEET, n)}\t{make_id(GARAGE, n % shape.garages)}\t{make_id(CUSTOMER, manager)}\t"
            f"{make_id(PASSPORT, manager)}\t{make_id(DRIVER, manager)}\t{make_id(FLEET_ACCOUNT, n)}\t{name}\t"
            f"{search_key(name)}\topen\tprepared\t1\t{created}\t{created}\n"
        )


def _vehicle_plates(shape, blocks, _):
    vehicle = prefix(VEHICLE)
    for block in blocks:
        created = shape.block_time(block)
        yield "".join(
            f"{vehicle}{NUMBERS_FROM + car}\t1\tNL\t{plate(car)}\t{created}\n"
            for car in range(block * BLOCK, (block + 1) * BLOCK)
        )


def _registrations(shape, blocks, _):
    """The register was not asked about any yet."""
    for block in blocks:
        created = shape.block_time(block)
        yield "".join(
            f"NL\t{plate(car)}\t[]\t[]\t{NEVER}\t{created}\n" for car in range(block * BLOCK, (block + 1) * BLOCK)
        )


def _passports(shape, blocks, _):
    passport, customer, driver, vehicle = prefix(PASSPORT), prefix(CUSTOMER), prefix(DRIVER), prefix(VEHICLE)
    for block in blocks:
        created, updated = shape.block_time(block), shape.activation_time(block)
        garage, first = make_id(GARAGE, shape.garage_of_block(block)), block * BLOCK
        fleet = make_id(FLEET, shape.fleet_of_block(block))
        lines = []
        for car in range(first, first + BLOCK):
            number = NUMBERS_FROM + car
            make, model, fuel = CARS[car % 13]
            if car == first + BLOCK - 1:
                fleet = "\\N"
            lines.append(
                f"{passport}{number}\t{garage}\t{customer}{number}\tNL\t{plate(car)}\t"
                f"{make}\t{model}\t{2010 + car % 15}\t{fuel}\t{vin(car)}\t{car * 37 % 190000 + 1000}\t"
                f"active\t{driver}{number}\t{fleet}\t2\t{created}\t{updated}\t{vehicle}{number}\n"
            )
        yield "".join(lines)


def _custody(shape, blocks, _):
    """First the company and the fleet, then the driver; of a private car the driver, who is its owner too."""
    passport, driver = prefix(PASSPORT), prefix(DRIVER)
    for block in blocks:
        created, since = shape.block_time(block), shape.activation_time(block)
        by = make_id(STAFF, shape.garage_of_block(block) * STAFF_EACH)
        fleet = make_id(FLEET, shape.fleet_of_block(block))
        lines = []
        for number in range(NUMBERS_FROM + block * BLOCK, NUMBERS_FROM + (block + 1) * BLOCK - 1):
            lines.append(
                f"{passport}{number}\t1\towner\t\\N\t{fleet}\t{created}\t{by}\n"
                f"{passport}{number}\t2\tfleet\t\\N\t{fleet}\t{created}\t{by}\n"
                f"{passport}{number}\t3\tdriver\t{driver}{number}\t\\N\t{since}\t{driver}{number}\n"
            )
        number += 1
        lines.append(
            f"{passport}{number}\t1\tdriver\t{driver}{number}\t\\N\t{since}\t{driver}{number}\n"
            f"{passport}{number}\t2\towner\t{driver}{number}\t\\N\t{since}\t{driver}{number}\n"
        )
        yield "".join(lines)


def _streams(shape, numbers, _):
    for n in numbers:
        yield f"{make_id(GARAGE, n)}\t{last_event(shape)}\n"


def _platform_stream(*_):
    yield "00000000-0000-0000-0000-000000000000\t0\n"


def _garage_events(shape, numbers, _):
    created = shape.block_time(0)
    for n in numbers:
        garage = make_id(GARAGE, n)
        yield (
            f"{garage}\t1\t{make_id(GARAGE_EVENT, n * 100)}\t{created}\t\\N\tgarage_created\t\\N\t"
            '{"data":{},"kind":"garage_created"}\n'
        )
        for role in range(STAFF_EACH):
            fact = f'{{"data":{{"accountId":"{make_id(STAFF, n * STAFF_EACH + role)}"}},"kind":"staff_added"}}'
            event = make_id(GARAGE_EVENT, n * 100 + role + 1)
            yield f"{garage}\t{role + 2}\t{event}\t{created}\t\\N\tstaff_added\t\\N\t{fact}\n"


def _block_events(shape, blocks, _):
    """Of each car: customer, passport, link (not of a private one), activation. The fleet comes with its first."""
    for block in blocks:
        created, since = shape.block_time(block), shape.activation_time(block)
        garage, fleet_number = make_id(GARAGE, shape.garage_of_block(block)), shape.fleet_of_block(block)
        fleet, by = make_id(FLEET, fleet_number), make_id(STAFF, shape.garage_of_block(block) * STAFF_EACH)
        before = block // shape.garages
        at = EVENTS_AHEAD + before * EVENTS_OF_BLOCK + min(before, FLEETS_EACH)
        lines = []
        for car in range(block * BLOCK, (block + 1) * BLOCK):
            customer, passport, driver = (f"{kind}{NUMBERS_FROM + car}" for kind in _OF_CAR)
            first = NUMBERS_FROM + car * 5
            facts = [
                (created, by, "customer_created", "\\N", f'"customerId":"{customer}"'),
                (created, by, "passport_created", passport, f'"customerId":"{customer}","passportId":"{passport}"'),
                (
                    created,
                    by,
                    "passport_linked",
                    passport,
                    f'"driver":null,"fleetId":"{fleet}","passportId":"{passport}"',
                ),
                (since, driver, "passport_activated", passport, f'"driver":"{driver}","passportId":"{passport}"'),
            ]
            if car % BLOCK == BLOCK - 1:
                del facts[2]
                if block < shape.fleets:
                    facts.append((since, by, "fleet_created", "\\N", f'"begin":"prepared","fleetId":"{fleet}"'))
            for when, who, kind, about, content in facts:
                at, first = at + 1, first + 1
                lines.append(
                    f'{garage}\t{at}\t{_EVENT_OF_CAR}{first}\t{when}\t{who}\t{kind}\t{about}\t{{"data":{{{content}}},"kind":"{kind}"}}\n'
                )
        yield "".join(lines)


_OF_CAR = prefix(CUSTOMER), prefix(PASSPORT), prefix(DRIVER)
_EVENT_OF_CAR = prefix(CAR_EVENT)


def _sessions(kind, account):
    def rows(_, numbers, options):
        session, owner, now = prefix(kind), prefix(account), options["now"]
        for n in numbers:
            number = NUMBERS_FROM + n
            yield f"{session}{number}\t{owner}{number}\tbench\t{now}\t{now}\t\\N\n"

    return rows


_ACCOUNT = (
    "id:u kind email email_key name language status garage_id:u role password_hash version:n created_at:i updated_at:i"
)
_SESSION = "id:u account_id:u user_agent created_at:i last_used_at:i ended_at:i"
_EVENT = "stream_id:u number:n id:u happened_at:i account_id:u kind passport_id:u fact"

# table; its columns (`:u` a UUID, `:n` a number, `:i` an instant, `:b` a boolean, else text); of what
# there is how many, and how many rows each of them has; the rows of some of those.
TABLES = (
    (
        "garages",
        "id:u name chain email phone street postcode place country language currency time_zone version:n "
        "created_at:i updated_at:i",
        lambda s: s.garages,
        1,
        _garages,
    ),
    ("accounts", _ACCOUNT, lambda s: s.garages * STAFF_EACH, 1, _staff),
    ("accounts", _ACCOUNT, lambda s: s.fleets, 1, _fleet_accounts),
    ("accounts", _ACCOUNT, lambda s: s.blocks, BLOCK, _drivers),
    (
        "customers",
        "id:u garage_id:u kind name name_key search_key email email_key mobile street postcode place country language "
        "km_per_year:n usage accepts_promotions:b notes version:n created_at:i updated_at:i",
        lambda s: s.blocks,
        BLOCK,
        _customers,
    ),
    (
        "fleets",
        "id:u garage_id:u customer_id:u manager_passport_id:u manager_account_id:u account_id:u name name_key "
        "status begin_kind version:n created_at:i updated_at:i",
        lambda s: s.fleets,
        1,
        _fleets,
    ),
    (
        "passports",
        "id:u garage_id:u customer_id:u country plate make model year:n fuel vin odometer_km:n status "
        "driver_account_id:u fleet_id:u version:n created_at:i updated_at:i vehicle_id:u",
        lambda s: s.blocks,
        BLOCK,
        _passports,
    ),
    (
        "vehicle_plates",
        "vehicle_id:u number:n country plate since:i",
        lambda s: s.blocks,
        BLOCK,
        _vehicle_plates,
    ),
    (
        "registrations",
        "country plate recalls inspections turn_at:i updated_at:i",
        lambda s: s.blocks,
        BLOCK,
        _registrations,
    ),
    (
        "custody",
        "passport_id:u number:n role account_id:u fleet_id:u since:i changed_by:u",
        lambda s: s.blocks,
        BLOCK * 3 - 1,
        _custody,
    ),
    ("event_streams", "id:u last_number:n", lambda s: s.garages, 1, _streams),
    ("event_streams", "id:u last_number:n", lambda s: 1, 1, _platform_stream),
    ("events", _EVENT, lambda s: s.garages, EVENTS_AHEAD, _garage_events),
    ("events", _EVENT, lambda s: s.blocks, EVENTS_OF_BLOCK, _block_events),
    ("sessions", _SESSION, lambda s: s.garages * STAFF_EACH, 1, _sessions(STAFF_SESSION, STAFF)),
    ("sessions", _SESSION, lambda s: s.fleets, 1, _sessions(FLEET_SESSION, FLEET_ACCOUNT)),
    ("sessions", _SESSION, lambda s: s.cars, 1, _sessions(DRIVER_SESSION, DRIVER)),
)


def columns(entry):
    """The names of the columns of an entry of TABLES."""
    return [column.partition(":")[0] for column in TABLES[entry][1].split()]


def kinds(entry):
    """What the columns are: `u`, `n`, `i`, `b`, or nothing for text."""
    return [column.partition(":")[2] for column in TABLES[entry][1].split()]


def pieces(shape, rows_each, history):
    """All there is to make, in pieces of about so many rows: (entry of TABLES, first, end, rows). Without history, what
    only commands and the history itself read is left out.
    """
    found = []
    for entry, (table, _, count, rows, _) in enumerate(TABLES):
        if table in ("custody", "events", "vehicle_plates") and not history:
            continue
        step = max(1, rows_each // rows)
        for first in range(0, count(shape), step):
            end = min(first + step, count(shape))
            found.append((entry, first, end, (end - first) * rows))
    return found


def make(shape, entry, first, end, options):
    """The rows of a piece, as text in portions."""
    return TABLES[entry][4](shape, range(first, end), options)


def main():
    """Prints the rows of one piece: CARS ENTRY FIRST END OPTIONS."""
    cars, entry, first, end = map(int, sys.argv[1:5])
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.writelines(make(Shape(cars), entry, first, end, json.loads(sys.argv[5])))


if __name__ == "__main__":
    main()
