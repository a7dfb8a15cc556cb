"""Garages where it is about noon, since people are reminded and mailed at decent hours only, and the bench may run at night."""

import contextlib
import datetime

_USUAL = "Europe/Amsterdam"


def _zone():
    """A time zone in which it is noon, or up to an hour later; `Etc/GMT+3` is three hours behind."""
    behind = datetime.datetime.now(datetime.timezone.utc).hour - 12
    return f"Etc/GMT{behind:+d}" if behind else "Etc/GMT"


@contextlib.contextmanager
def noon(database):
    """All garages of a database are where it is noon, while it is entered. It gives the day there, as PostgreSQL writes it."""
    database.psql(f"UPDATE garages SET time_zone = '{_zone()}'")
    try:
        yield database.psql(f"SELECT (now() AT TIME ZONE '{_zone()}')::date").strip()
    finally:
        database.psql(f"UPDATE garages SET time_zone = '{_USUAL}'")
