"""Mails to a mail server on this machine: ten thousand that tell drivers of the check of their car, and the letters of an APK
mailing to five thousand customers. How many a second arrive, and over how many connections.

Then again, with a server that is killed a few times while it sends, at random moments, and started again as if ten minutes had passed,
which is how long a job keeps its worker. A mail about a car must arrive, and may arrive twice when it was under way; a letter of
a mailing must not arrive twice, and one that was under way waits for a person (rules ML4 and CH3).
"""

import collections
import json
import random
import time

import data
import report
from garages import expiring, large_garage
from load import Request
from noon import noon
from processes import Failed
from services import MailServer, rate_of_arrival
from stats import Series

_MAILS, _KILLS, _RATE = 10_000, 4, 200
_EACH = 50  # mails over one connection, at least; the server takes a new one after 100
_PATIENCE = 600  # seconds
_LETTER = {
    "subject": "De APK van {{kenteken}} verloopt binnenkort",
    "body": "Beste {{naam}},\n\nDe APK van uw auto verloopt binnenkort. Bel ons voor een afspraak.",
}
_IS_LETTER = "kind = 'mailing_letter'"
_NOBODY = "smtp://127.0.0.1:9"  # where nobody listens
# As if the worker of a job had been gone for longer than a job keeps it.
_LATER = "UPDATE jobs SET updated_at = updated_at - interval '11 minutes' WHERE state = 'running'"


def cars_told(shape, count):
    """The numbers of so many cars, spread over all garages; some come again when there are fewer cars."""
    step = max(1, shape.cars // count)
    return [number * step % shape.cars for number in range(count)]


def _job(line):
    """The job of a mail, which its Message-ID begins with."""
    return line.lstrip("<").partition("@")[0]


class _Killed:
    """What was sent by a server that was killed while it sent."""

    def __init__(self, context, database, kind):
        self.context, self.database, self.kind = context, database, kind
        self.under_way, self.arrived = set(), collections.Counter()

    def _count(self, states):
        return int(self.database.psql(f"SELECT count(*) FROM jobs WHERE kind = '{self.kind}' AND state IN ({states})"))

    def send(self, count):
        """Has it send all that waits, and kills it meanwhile."""
        with MailServer(self.context) as mail_server:
            for kill in range(1, _KILLS + 1):
                with self.context.secret.start(self.database.url, mail_server=mail_server.url) as server:
                    self._until(server, mail_server, count * (kill - random.random()) / (_KILLS + 1))
                    time.sleep(random.uniform(0, 0.05))
                    server.process.popen.kill()
                    server.process.popen.wait()
                running = self.database.rows(f"SELECT id FROM jobs WHERE kind = '{self.kind}' AND state = 'running'")
                self.under_way |= {row[0] for row in running}
                self.database.psql(_LATER)
            with self.context.secret.start(self.database.url, mail_server=mail_server.url) as server:
                until = time.monotonic() + _PATIENCE
                while self._count("'queued', 'running'"):
                    if time.monotonic() > until:
                        raise Failed(f"mails still wait: {server.process.last_words()}")
                    time.sleep(0.2)
            self.arrived.update(map(_job, mail_server.lines()))

    def _until(self, server, mail_server, count):
        until = time.monotonic() + _PATIENCE
        while mail_server.count() < count:
            if time.monotonic() > until or server.process.popen.poll() is not None:
                raise Failed(f"only {mail_server.count()} mails arrived: {server.process.last_words()}")
            time.sleep(0.01)

    def rows(self, what, may_come_twice):
        """What must not have happened, and how often it did."""
        jobs = {row[0] for row in self.database.rows(f"SELECT id FROM jobs WHERE kind = '{self.kind}'")}
        twice = {job for job, times in self.arrived.items() if times > 1}
        lost = jobs - set(self.arrived)
        if not may_come_twice:
            lost -= self.under_way  # nobody can know, so they wait for a person
        wrong = twice - self.under_way if may_come_twice else twice
        strange = set(self.arrived) - jobs
        details = {
            "mails": len(jobs),
            "kills": _KILLS,
            "under_way_when_killed": len(self.under_way),
            "came_twice": len(twice),
            "wait_for_a_person": self._count("'dead'"),
        }
        told = (
            f"{len(self.under_way)} were under way at {_KILLS} kills; {len(twice)} came twice, "
            f"{details['wait_for_a_person']} wait for a person"
        )
        return [
            report.value_row(
                "mails",
                f"{what}, lost, or come twice against the rules of their class ({told})",
                Series([len(lost) + len(wrong) + len(strange)]),
                "at most",
                0,
                details,
            )
        ]


def _rows_of_rate(what, count, rates, connections):
    return [
        report.value_row("mails", what, rates, "at least", _RATE, unit="mails/s"),
        report.value_row("mails", f"{what}: connections to the mail server", connections, "at most", count // _EACH),
    ]


def _of_cars(context, database):
    """Mails about cars."""
    told, rates, connections = cars_told(context.shape, _MAILS), Series(), Series()

    def lay_in():
        database.psql("TRUNCATE jobs")
        context.secret.tell(database.url, context.shape.cars, "mail", told)

    for number in range(context.settings.runs):
        context.say_round(f"{_MAILS:,} mails", number)
        lay_in()
        with MailServer(context) as mail_server:
            with context.secret.start(database.url, mail_server=mail_server.url) as server:
                rates.add(rate_of_arrival(mail_server, server, _MAILS, _PATIENCE))
            connections.add(mail_server.connections())
    lay_in()
    killed = _Killed(context, database, "mail")
    killed.send(_MAILS)
    what = f"{_MAILS:,} mails about cars"
    return [*_rows_of_rate(what, _MAILS, rates, connections), *killed.rows(what, True)]


class _Mailing:
    """An APK mailing of a large garage."""

    def __init__(self, context, database, garage, days):
        self.context, self.database, self.days = context, database, days
        staff = garage * data.STAFF_EACH
        self.account = data.make_id(data.STAFF, staff), "staff", data.make_id(data.STAFF_SESSION, staff)

    def lay_in(self):
        """Makes one and has it decided who is mailed, by a server that sends nothing; returns how many letters wait."""
        self.database.psql("TRUNCATE jobs; TRUNCATE apk_mailings CASCADE")
        token = self.context.secret.sign(self.database.url, [self.account])[0]
        text = {**_LETTER, "selection": {"expiresFrom": self.days[0], "expiresUntil": self.days[1]}}
        with self.context.secret.start(self.database.url, mail_server=_NOBODY) as server:
            made, _ = _ask(server, Request("/v1/apk-mailings", token, "POST", json.dumps(text)), 201)
            path = f"/v1/apk-mailings/{made['id']}"
            _, tag = _ask(server, Request(path, token), 200)
            _ask(server, Request(f"{path}/schedule", token, "POST", "{}"), 200, {"If-Match": tag})
            until, undecided = time.monotonic() + _PATIENCE, "kind = 'mailing' AND state <> 'done'"
            while self._jobs(undecided) or not self._jobs(_IS_LETTER):
                if time.monotonic() > until:
                    raise Failed(f"the mailing did not begin: {server.process.last_words()}")
                time.sleep(0.1)
        # Some were tried meanwhile, in vain.
        self.database.psql(f"UPDATE jobs SET state = 'queued', attempts = 0, run_at = now() WHERE {_IS_LETTER}")
        return self._jobs(_IS_LETTER)

    def _jobs(self, which):
        return int(self.database.psql(f"SELECT count(*) FROM jobs WHERE {which}"))


def _ask(server, request, expected, more=()):
    """The body of an answer, which is JSON, and its tag."""
    status, headers, body = server.ask(request, 60, more)
    if status != expected:
        raise Failed(f"{request.method} {request.path} was answered {status}: {body[:300]}")
    tags = [value for name, value in headers if name.lower() == "etag"]
    return json.loads(body), "".join(tags)


def _of_mailing(context, database):
    """The letters of a mailing."""
    rates, connections = Series(), Series()
    with (
        noon(database) as today,
        large_garage(context, database) as (garage, cars),
        expiring(database, garage, today, max(1, cars // 50)) as last,
    ):
        mailing = _Mailing(context, database, garage, (today, last))
        for number in range(context.settings.runs):
            letters = mailing.lay_in()
            context.say_round(f"a mailing of {letters:,} letters", number)
            with MailServer(context) as mail_server:
                with context.secret.start(database.url, mail_server=mail_server.url) as server:
                    rates.add(rate_of_arrival(mail_server, server, letters, _PATIENCE))
                connections.add(mail_server.connections())
        letters = mailing.lay_in()
        killed = _Killed(context, database, "mailing_letter")
        killed.send(letters)
        what = f"an APK mailing of {letters:,} letters"
        rows = [*_rows_of_rate(what, letters, rates, connections), *killed.rows(what, False)]
        database.psql("TRUNCATE apk_mailings CASCADE")
    return rows


def measure(context):
    database = context.postgres()
    rows = [*_of_cars(context, database), *_of_mailing(context, database)]
    database.psql("TRUNCATE jobs")
    return rows
