"""Fills a migrated database with the rows of rows.py.

PostgreSQL gets them by COPY, as many streams at once as there are cores, each from a process that makes the rows.
Foreign keys are not checked meanwhile and secondary indexes are made afterwards, all at once: row by row, ten million
cars would take hours. SQLite gets the same rows by its own library.
"""

import datetime
import functools
import json
import os
import pathlib
import sqlite3
import sys
import time

import rows
from processes import Process
from progress import Progress, say

_ROWS_EACH = 500_000  # rows of a piece: some seconds of work
_ROWS = pathlib.Path(rows.__file__)
_LOADING = "-c session_replication_role=replica -c synchronous_commit=off -c client_encoding=UTF8"
_INDEXES = """
    SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
      AND i.indrelid = ANY (ARRAY[{tables}]::regclass[])
"""


def options(password_hash):
    """What the rows need to know beside their number. Sessions began just now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"password_hash": password_hash, "now": f"{now:%Y-%m-%d %H:%M:%S}+00"}


def postgres(database, shape, facts, folder, history):
    """Fills a migrated, empty database."""
    tables = sorted({entry[0] for entry in rows.TABLES})
    indexes = database.rows(_INDEXES.format(tables=",".join(f"'{table}'" for table in tables)))
    database.psql("".join(f"DROP INDEX {name};" for name, _ in indexes))
    pieces = rows.pieces(shape, _ROWS_EACH, history)
    progress = Progress(f"{shape.cars:,} cars into {database.name}", sum(piece[3] for piece in pieces))
    waiting, streams = list(pieces), []
    while waiting or streams:
        while waiting and len(streams) < (os.cpu_count() or 1):
            streams.append(_stream(database, shape, waiting.pop(0), facts, folder))
        for stream in [stream for stream in streams if stream[1].popen.poll() is not None]:
            streams.remove(stream)
            stream[0].wait(10)
            stream[1].wait(10)
            progress.advance(stream[2])
        time.sleep(0.01)
    progress.end(f"{progress.total:,} rows")
    _index(database, indexes, tables)


def _stream(database, shape, piece, facts, folder):
    """Starts copying a piece: who makes the rows, who stores them, how many there are."""
    entry, first, end, count = piece
    name = f"{folder}/copy-{database.name}-{entry}-{first}"
    table, columns = rows.TABLES[entry][0], ", ".join(rows.columns(entry))
    reading, writing = os.pipe()
    try:
        environment = database.environment(_LOADING)
        copy = database.command("-c", f"COPY {table} ({columns}) FROM STDIN")
        stores = Process(copy, f"{name}.log", environment, reading)
        makes = Process(
            [sys.executable, _ROWS, shape.cars, entry, first, end, json.dumps(facts)],
            f"{name}-rows.log",
            output=writing,
        )
    finally:
        os.close(reading)
        os.close(writing)
    return makes, stores, count


def _index(database, indexes, tables):
    began = time.monotonic()
    settings = "-c maintenance_work_mem=512MB -c synchronous_commit=off"
    for _, definition in indexes:
        database.psql(definition, settings)
    database.psql(f"VACUUM (ANALYZE) {', '.join(tables)}; CHECKPOINT", settings)
    say(f"{len(indexes)} indexes and the statistics of {database.name}: {time.monotonic() - began:.0f} s")


def sqlite(file, shape, facts):
    """Fills a migrated, empty database file, without history: it is read only."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -200000")
    pieces = rows.pieces(shape, _ROWS_EACH, history=False)
    progress = Progress(f"{shape.cars:,} cars into SQLite", sum(piece[3] for piece in pieces))
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for entry, first, end, count in pieces:
        columns = rows.columns(entry)
        places = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {rows.TABLES[entry][0]} ({', '.join(columns)}) VALUES ({places})"
        connection.execute("BEGIN")
        connection.executemany(insert, _converted(shape, entry, first, end, facts))
        connection.execute("COMMIT")
        progress.advance(count)
    for _, definition in indexes:
        connection.execute(definition)
    connection.close()
    progress.end(f"{progress.total:,} rows")


def _converted(shape, entry, first, end, facts):
    """The rows of a piece as SQLite stores them."""
    readers = [_READERS[kind] for kind in rows.kinds(entry)]
    for text in rows.make(shape, entry, first, end, facts):
        for line in text.splitlines():
            cells = zip(readers, line.split("\t"))
            yield [None if cell == "\\N" else cell if reader is None else reader(cell) for reader, cell in cells]


@functools.lru_cache(1000)
def _microseconds(text):
    """An instant as SQLite stores it: microseconds since 1970."""
    return int(datetime.datetime.fromisoformat(f"{text}:00").timestamp()) * 1_000_000


_READERS = {
    "": None,
    "n": int,
    "i": _microseconds,
    "b": lambda text: int(text == "t"),
    "u": lambda text: bytes.fromhex(text.replace("-", "")),
}
