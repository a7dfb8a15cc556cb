"""Sends a server that counts what runs in it what users send most: the four hot reads, on both databases, and an import.
Started by scripts/profile.sh, which makes a profile for the compiler of the counts. A command is not among it: PostgreSQL
takes most of its time, and none runs often enough to count as hot.

    train.py FOLDER    of the programs
"""

import pathlib
import sys

import load
import settings
from context import opened
from measures import imports
from processes import Failed
from progress import say
from reads import READS

_SECONDS = 6  # of each read
_LINES = 50_000  # of each garage's import


def main():
    chosen = settings.Settings([], environment={})
    chosen.programs = pathlib.Path(sys.argv[1])
    with opened(chosen) as context:
        _train(context)


def _train(context):
    database = context.postgres()
    for url, shape in (database.url, context.shape), (context.sqlite(), context.sqlite_shape):
        server = context.secret.start(url)
        for read in (read_type(shape) for read_type in READS):
            say(f"{read.what}, {url.partition(':')[0]}")
            requests = read.requests(context, url)
            load.send(server.url, requests, _SECONDS, context.settings.clients, context.threads).demand_all_good()
        _end(server)
    server = context.secret.start(database.url)
    say("import")
    imports.run(context, server, context.secret.sign(database.url, imports.admins()), context.shape.cars, _LINES)
    _end(server)


def _end(server):
    """Ends it; it writes its counts last."""
    if (code := server.process.end(40)) != 0:
        raise Failed(f"a server ended with {code}: what it counted is lost")


if __name__ == "__main__":
    main()
