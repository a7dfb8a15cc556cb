"""A garage that is larger than those of the data, and one whose cars have an APK that expires: for the measures of what such a
garage does."""

import contextlib

import data

_MERGED = 5  # garages whose cars make the large one


@contextlib.contextmanager
def large_garage(context, database):
    """A garage that has the cars of five, while it is entered: its number and how many cars it has."""
    garages = context.shape.garages
    numbers = range(max(0, garages - _MERGED), garages)
    ids = [f"'{data.make_id(data.GARAGE, number)}'" for number in numbers]
    others = ", ".join(ids[1:]) or "NULL"
    tables = "customers", "fleets", "passports"
    # Only the rows that are listed move: nothing else of the garages is looked at.
    database.psql(
        "SET session_replication_role = replica;"
        + "".join(
            f"CREATE TABLE moved_{table} AS SELECT id, garage_id FROM {table} WHERE garage_id IN ({others});"
            f"UPDATE {table} SET garage_id = {ids[0]} WHERE garage_id IN ({others});"
            for table in tables
        )
    )
    database.psql("VACUUM ANALYZE customers, fleets, passports")
    try:
        yield numbers[0], int(database.psql(f"SELECT count(*) FROM passports WHERE garage_id = {ids[0]}"))
    finally:
        database.psql(
            "SET session_replication_role = replica;"
            + "".join(
                f"UPDATE {table} SET garage_id = moved.garage_id FROM moved_{table} moved WHERE moved.id = {table}.id;"
                f"DROP TABLE moved_{table};"
                for table in tables
            )
        )
        database.psql("VACUUM ANALYZE customers, fleets, passports")


@contextlib.contextmanager
def expiring(database, garage, first, per_day):
    """The cars of a garage have an APK, that of so many expires on each day from the first one on, while it is entered: the last
    of those days, as PostgreSQL writes it."""
    garage_id = f"'{data.make_id(data.GARAGE, garage)}'"
    database.psql(
        f"CREATE TABLE bench_apk AS SELECT id, apk_due_on, row_number() OVER (ORDER BY id) - 1 AS place FROM passports"
        f" WHERE garage_id = {garage_id};"
        f"UPDATE passports SET apk_due_on = '{first}'::date + (place / {per_day})::int FROM bench_apk"
        " WHERE bench_apk.id = passports.id"
    )
    database.psql("VACUUM ANALYZE passports")
    try:
        yield database.psql(f"SELECT '{first}'::date + (max(place) / {per_day})::int FROM bench_apk").strip()
    finally:
        database.psql(
            "UPDATE passports SET apk_due_on = bench_apk.apk_due_on FROM bench_apk WHERE bench_apk.id = passports.id;"
            "DROP TABLE bench_apk"
        )
