"""Fills a migrated database, by `bench-tools fill`, which makes the data with the product's own store.

Secondary indexes are made afterwards, all at once, and PostgreSQL does not check foreign keys meanwhile: row by row, ten
million cars would take hours. Which tables and indexes there are is the migrations' affair: nothing here names one.
"""

import contextlib
import os
import sqlite3
import subprocess
import time

from processes import Process
from progress import Progress, say

_LOADING = "-c session_replication_role=replica -c synchronous_commit=off"
_INDEXING = "-c maintenance_work_mem=512MB -c synchronous_commit=off"
_INDEXES_OF_POSTGRES = """
    SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
"""
_INDEXES_OF_SQLITE = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"


def postgres(context, database, shape, history):
    """Fills a migrated, empty database, with as many writers as there are cores."""
    indexes = database.rows(_INDEXES_OF_POSTGRES)
    database.psql("".join(f"DROP INDEX {name};" for name, _ in indexes))
    environment = {**context.secret.environment(database.url), "PGOPTIONS": _LOADING}
    options = ["--writers", context.settings.cores, *(["--history"] if history else [])]
    _fill(context, environment, shape, options, f"{shape.cars:,} cars into {database.name}")
    began = time.monotonic()
    database.psql("".join(f"{definition};" for _, definition in indexes), _INDEXING)
    database.psql("VACUUM (ANALYZE); CHECKPOINT", _INDEXING)
    say(f"{len(indexes)} indexes and the statistics of {database.name}: {time.monotonic() - began:.0f} s")


def sqlite(context, file, shape):
    """Fills a migrated, empty database file, without history: it is read only."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        indexes = connection.execute(_INDEXES_OF_SQLITE).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
    environment = context.secret.environment(f"sqlite://{file}")
    _fill(context, environment, shape, [], f"{shape.cars:,} cars into SQLite")
    with contextlib.closing(sqlite3.connect(file)) as connection:
        for _, definition in indexes:
            connection.execute(definition)


def _fill(context, environment, shape, options, what):
    """Runs the tool, which prints how many cars more are there."""
    # What fills is not what is to be fast: `make profile` has nothing to learn from it.
    environment = {**environment, "LLVM_PROFILE_FILE": os.devnull}
    command = [context.secret.program("bench-tools"), "fill", "--cars", shape.cars, *options]
    progress = Progress(what, shape.cars)
    with Process(command, context.folder / "fill.log", environment, output=subprocess.PIPE) as process:
        for line in process.popen.stdout:
            progress.advance(int(line))
        process.wait(10)
    progress.end("filled")
