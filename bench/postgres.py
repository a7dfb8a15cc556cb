"""The throwaway PostgreSQL that scripts/with-postgres.sh has started: databases in it, statements to it, its log."""

import math
import os
import pathlib
import subprocess
import time
import urllib.parse

from processes import Failed, Process, run


class Cluster:
    """The server."""

    def __init__(self, environment=os.environ):
        try:
            self.url = urllib.parse.urlsplit(environment["AUTOPASPOORT_TEST_POSTGRES_URL"])
            self.programs = environment["AUTOPASPOORT_TEST_POSTGRES_BIN"]
            self.log = environment["AUTOPASPOORT_TEST_POSTGRES_LOG"]
        except KeyError as missing:
            raise Failed(f"{missing} is not set: run this by scripts/bench.sh") from None

    def create(self, name):
        """A new, empty database."""
        self.database("postgres").psql(f"DROP DATABASE IF EXISTS {name}")
        self.database("postgres").psql(f"CREATE DATABASE {name}")
        return self.database(name)

    def drop(self, name):
        self.database("postgres").psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def database(self, name):
        return Database(self, name)

    def version(self):
        return self.database("postgres").psql("SHOW server_version").split()[0]


class Database:
    """One database of the server."""

    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name

    @property
    def url(self):
        """Its address, as the server under test takes it."""
        return urllib.parse.urlunsplit(self.cluster.url._replace(path=f"/{self.name}"))

    def environment(self, options=""):
        """For libpq's programs. The password stays out of their command lines."""
        url = self.cluster.url
        return {
            **os.environ,
            "PGHOST": url.hostname,
            "PGPORT": str(url.port),
            "PGUSER": url.username,
            "PGPASSWORD": url.password,
            "PGDATABASE": self.name,
            "PGOPTIONS": options,
            "PGCONNECT_TIMEOUT": "10",
        }

    def command(self, *arguments):
        """A psql that stops at the first error and prints bare rows."""
        return [f"{self.cluster.programs}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *arguments]

    def psql(self, sql, options=""):
        """Runs statements; returns the rows, columns parted by `|`."""
        return run(self.command("-f", "-"), sql, self.environment(options))

    def background(self, log):
        """A psql that waits for statements on its standard input."""
        return Process(self.command("-f", "-"), log, self.environment(), subprocess.PIPE)

    def rows(self, sql):
        """The rows of a query as lists of texts."""
        return [line.split("|") for line in self.psql(sql).splitlines()]

    def weigh_as_one(self):
        """Has all connections to this database together weigh as much as one other program when the processor is shared
        out, as where each program is a service or a container of its own. Linux shares it among sessions, and each
        process of PostgreSQL is one: eight of them leave the server, and the load generator, a tenth each.
        """
        ours = f"datname = '{self.name}' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        pids = self.psql(f"SELECT pid FROM pg_stat_activity WHERE {ours}").split()
        # A level is a quarter more or less.
        nice = min(19, round(math.log(max(1, len(pids)), 1.25)))
        for pid in pids:
            group = pathlib.Path(f"/proc/{pid}/autogroup")
            if group.exists():  # else this Linux does not share by session
                _write_patiently(group, str(nice))


def _write_patiently(file, text):
    """Writes to a file of the kernel's, which allows that to who is not root a few times a second."""
    for _ in range(50):
        try:
            return file.write_text(text, encoding="ascii")
        except BlockingIOError:
            time.sleep(0.1)
    raise Failed(f"{file} could not be written")
