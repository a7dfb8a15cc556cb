"""Sends a server that counts what it does what users send most, on both databases: the four hot reads, a command, an
import. Started by scripts/profile.sh, which makes a profile for the compiler of what was counted.

    train.py FOLDER    of the programs
"""

import pathlib
import shutil
import sys
import tempfile

import load
import processes
import settings
from context import Context
from measures import accept, imports
from postgres import Cluster
from processes import Failed
from progress import say
from reads import READS

_SECONDS = 6  # of each read
_OFFERS = 4000
_LINES = 50_000  # of each garage's import


def main():
    chosen = settings.Settings([])
    chosen.programs = pathlib.Path(sys.argv[1])
    processes.end_with_signals()
    processes.allow_many_files()
    folder = tempfile.mkdtemp(prefix="autopaspoort-train.")
    try:
        _train(Context(chosen, Cluster(), folder))
    except Failed as why:
        sys.exit(f"error: {why}")
    finally:
        processes.end_all()
        shutil.rmtree(folder, ignore_errors=True)


def _train(context):
    database = context.postgres()
    for url, shape in (database.url, context.shape), (context.sqlite(), context.sqlite_shape):
        with context.secret.start(url) as server:
            for read in (read_type(shape) for read_type in READS):
                say(f"{read.what}, {url.partition(':')[0]}")
                requests = read.requests(context, url)
                load.send(server.url, requests, _SECONDS, context.settings.clients, context.threads).demand_all_good()
    with context.secret.start(database.url) as server:
        say("accepting transfers")
        offers = accept.Offers(context.shape)
        numbers = offers.take(_OFFERS)
        offers.lay_in(database, numbers)
        requests = load.Requests(context.folder / "offers", offers.requests(context, database, numbers))
        # Until they are used up: the answers after that are of no interest.
        load.send(server.url, requests, _SECONDS, context.settings.clients, context.threads, mode="once")
        say("import")
        tokens = context.secret.sign(database.url, imports.admins())
        imports.run(context, server, tokens, context.shape.cars, _LINES)


if __name__ == "__main__":
    main()
