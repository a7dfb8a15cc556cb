"""A pass over the cars that are to be looked at for reminders: two in a hundred of all, of which each has something to be
reminded of; the others are to be looked at on later days. How many reminders a second it writes, with the events, mails and
notifications that follow from them, and how much memory the server has meanwhile, which begins to send those at once, to a mail server
on this machine; and which rows of the cars it reads.

Then the same cars once more, by two servers beside each other, of which one is killed half-way and started again: the reminders
must be the same.

The time of a pass is from when it began, which its events tell, until the last reminder was seen in the database.
"""

import random
import time

import report
from noon import noon
from processes import Failed, Peak
from progress import say
from services import MailServer
from stats import Series

_SHARE = 0.02
_MOST = 50_000  # cars that one pass takes; the rest would wait for the next minute
_RATE, _MEMORY = 5_000, 100
_AGAIN = 1.5  # entries of the index that a pass reads, for each car that is due
_PATIENCE = 240  # seconds
_STILL = 2  # seconds without a reminder after which a pass has ended
_READ = """
    SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('passports', 'reminder_looks')), idx_tup_read
    FROM pg_stat_user_indexes WHERE indexrelname = 'reminder_looks_by_day'
"""


class _Cars:
    """The cars that are due, in a table beside the product's own."""

    def __init__(self, database, cars, today):
        self.database, self.today = database, today
        # Four weeks before, one is reminded of work.
        database.psql(
            f"CREATE TABLE bench_due AS SELECT id FROM passports WHERE status = 'active' AND next_due_on"
            f" BETWEEN '{today}' AND '{today}'::date + 27 ORDER BY md5(id::text) LIMIT {min(int(cars * _SHARE), _MOST)}"
        )
        self.count = int(database.psql("SELECT count(*) FROM bench_due"))
        if not self.count:
            raise Failed("no car has anything due in the next four weeks")
        # The others are looked at later.
        database.psql(
            f"INSERT INTO reminder_looks SELECT id, '{today}'::date + 90 FROM passports WHERE status = 'active'"
            " ON CONFLICT (passport_id) DO UPDATE SET look_on = excluded.look_on"
        )

    def lay_in(self):
        """As if none of them had been reminded of."""
        self.database.psql(
            "TRUNCATE reminders, jobs, notifications;"
            f"UPDATE reminder_looks SET look_on = '{self.today}' WHERE passport_id IN (SELECT id FROM bench_due)"
        )
        tables = "passports, reminders, reminder_looks, jobs, notifications, event_streams"
        self.database.psql(f"VACUUM ANALYZE {tables}; CHECKPOINT")

    def waiting(self):
        """How many are still to be looked at."""
        return int(self.database.psql(f"SELECT count(*) FROM reminder_looks WHERE look_on <= '{self.today}'"))

    def read(self):
        """Rows of cars that were read without an index, and entries of the index that tells which are due."""
        return [int(value) for value in self.database.rows(_READ)[0]]

    def forget(self):
        """Leaves the cars as they were filled, but for what happened."""
        self.database.psql(
            f"UPDATE reminder_looks SET look_on = '{self.today}'::date + 90 WHERE passport_id IN (SELECT id FROM bench_due);"
            "DROP TABLE bench_due; TRUNCATE reminders, jobs, notifications"
        )


def _begin(database):
    """The present time, for the look at what happened since."""
    return database.psql("SELECT now()").strip()


def _happened(database, since):
    """How many reminders happened since then, and when the pass began that made the first of them."""
    row = database.rows(
        "SELECT count(*), extract(epoch FROM min(happened_at)) FROM events WHERE kind = 'reminder_due'"
        f" AND happened_at >= '{since}'"
    )[0]
    return int(row[0]), float(row[1] or 0)


def _until_still(database, servers):
    """Waits until no more reminders are written; returns how many there are, and when the last of them was seen."""
    seen, at, until = 0, None, time.monotonic() + _PATIENCE
    while True:
        count, now = database.rows("SELECT count(*), extract(epoch FROM clock_timestamp()) FROM reminders")[0]
        if int(count) > seen:
            seen, at = int(count), float(now)
        elif at and float(now) - at > _STILL:
            return seen, at
        if time.monotonic() > until or any(server.process.popen.poll() is not None for server in servers):
            raise Failed(f"{seen} reminders were made and then no more: {servers[0].process.last_words()}")
        time.sleep(0.02)


def _pass(context, database, cars, mail_server):
    """One pass: how many reminders, how many a second, memory, and what was read."""
    cars.lay_in()
    before, since = cars.read(), _begin(database)
    with context.secret.start(database.url, mail_server=mail_server) as server, Peak(server.process) as peak:
        made, ended = _until_still(database, [server])
    read = [now - then for now, then in zip(cars.read(), before)]
    happened, began = _happened(database, since)
    if cars.waiting() or happened != made:
        raise Failed(f"{cars.waiting()} cars were not looked at; {made} reminders are stored, {happened} happened")
    return made, made / (ended - began), peak.most, read


def _disturbed(context, database, cars, mail_server):
    """The same by two servers, of which one is killed half-way, and a third that then comes: how many reminders are stored, how
    many happened."""
    cars.lay_in()
    since, share = _begin(database), random.uniform(0.2, 0.8)
    with (
        context.secret.start(database.url, mail_server=mail_server) as killed,
        context.secret.start(database.url, mail_server=mail_server) as other,
    ):
        while cars.waiting() > cars.count * share:
            if other.process.popen.poll() is not None:
                raise Failed(f"a server ended: {other.process.last_words()}")
        killed.process.popen.kill()
        left = cars.waiting()
        say(f"killed one of two servers with {left:,} of {cars.count:,} cars to go")
        with context.secret.start(database.url, mail_server=mail_server) as third:
            until = time.monotonic() + _PATIENCE
            while cars.waiting():
                if time.monotonic() > until:
                    raise Failed(f"{cars.waiting()} cars were not looked at: {other.process.last_words()}")
                time.sleep(0.1)
            made, _ = _until_still(database, [other, third])
    return made, _happened(database, since)[0], left


def measure(context):
    database, settings = context.postgres(), context.settings
    rates, memory, unindexed, entries, wrong, left = (Series() for _ in range(6))
    with noon(database) as today, MailServer(context) as mail_server:
        cars = _Cars(database, context.shape.cars, today)
        for number in range(settings.runs):
            context.say_round(f"reminders of {cars.count:,} cars", number)
            made, rate, most, read = _pass(context, database, cars, mail_server.url)
            rates.add(rate)
            memory.add(most)
            unindexed.add(read[0])
            entries.add(read[1] / cars.count)
            stored, happened, to_go = _disturbed(context, database, cars, mail_server.url)
            wrong.add(abs(stored - made) + abs(happened - made))
            left.add(to_go)
        cars.forget()
    what = f"a pass for reminders over {context.shape.cars:,} cars, of which {cars.count:,} are due"
    by_index = "entries that it reads of the index of days on which to look"
    twice = "reminders that two servers lost or made twice, of which one was killed half-way"
    return [
        report.value_row("reminders", what, rates, "at least", _RATE, {"reminders": made}, unit="reminders/s"),
        report.value_row("reminders", "memory of the server meanwhile", memory, "at most", _MEMORY, unit="MB"),
        report.value_row("reminders", "rows of cars that a pass reads without an index", unindexed, "at most", 0),
        report.value_row("reminders", f"{by_index} / cars that are due", entries, "at most", _AGAIN),
        report.value_row("reminders", twice, wrong, "at most", 0, {"left_when_killed": left.as_json()}),
    ]
