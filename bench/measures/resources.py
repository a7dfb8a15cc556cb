"""How soon the server is ready, and how much memory it takes: SQLite for the start, PostgreSQL for the load."""

import http.client
import time

import load
import report
from processes import Failed, Peak, Process, free_port, resident
from reads import ListOfFleet
from stats import Series

_REST = 3  # seconds until memory at rest is looked at
_STARTS = 5  # starts in a run: they are short


def _ready_after(context, url):
    """Milliseconds from the start of the process until it says that it is ready."""
    port, log = free_port(), context.folder / "start.log"
    command = [
        context.secret.program("autopaspoort"),
        "serve",
        "--listen",
        f"127.0.0.1:{port}",
        *context.settings.server_args,
    ]
    began = time.perf_counter()
    with Process(command, log, context.secret.environment(url)) as process:
        while time.perf_counter() - began < 30:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return (time.perf_counter() - began) * 1000
            except OSError:
                pass
            finally:
                connection.close()
            if process.popen.poll() is not None:
                raise Failed(f"the server ended: {process.last_words()}")
            time.sleep(0.001)
    raise Failed("the server was not ready within 30 s")


def measure(context):
    settings, database = context.settings, context.postgres()
    starts, at_rest, under_load = Series(), Series(), Series()
    url = f"sqlite://{context.folder / 'empty.db'}"
    context.secret.migrate(url)
    read = ListOfFleet(context.shape)
    for number in range(settings.runs):
        context.say_round("start and memory", number)
        for _ in range(_STARTS):
            starts.add(_ready_after(context, url))
        with context.secret.start(database.url) as server:
            time.sleep(_REST)
            at_rest.add(resident(server.process.tree()))
            requests = read.requests(context, database.url)
            with Peak(server.process) as peak:
                load.send(server.url, requests, settings.seconds, settings.clients, context.threads).demand_all_good()
            under_load.add(peak.most)
    return [
        report.value_row("resources", "start to ready (SQLite, migrated)", starts, "at most", 100, unit="ms"),
        report.value_row("resources", "memory at rest", at_rest, "at most", 30, unit="MB"),
        report.value_row("resources", "memory under full load of the list", under_load, "at most", 100, unit="MB"),
    ]
