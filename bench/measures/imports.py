"""Importing cars with their customers, as a garage that joins does: several garages send a stream of JSON lines each, and
every line makes a car, its vehicle with its plate, its place in the queue of the vehicle register, a customer's record,
and their events. Beside the rate, how much more memory the server has in the last fifth of the time than in the second:
in the first its threads make their buffers.
"""

import http.client
import json
import threading
import time

import data
import names
import report
from processes import Failed, resident
from stats import Series

GARAGES = 2  # that import at once: one for each of PostgreSQL's and the server's cores
_SECONDS = 6  # how long a run is to take at the rate that is asked for
_TARGET = 20_000


def year(number):
    """The year of a car."""
    return 2005 + number % 20


def _line(number):
    """A car with its customer; the number makes both new."""
    name = f"{names.FIRST_NAMES[number % len(names.FIRST_NAMES)]} {names.LAST_NAMES[number % len(names.LAST_NAMES)]}"
    place, postcode = names.PLACES[number % len(names.PLACES)]
    return json.dumps(
        {
            "licencePlate": {"number": names.plate(number)},
            "customer": {
                "kind": "person",
                "name": name,
                "email": f"import.{number}@post.example",
                "mobile": f"+3161{number % 10_000_000:07}",
                "address": {
                    "street": f"Dorpsstraat {number % 200}",
                    "postcode": f"{postcode} AB",
                    "place": place,
                    "country": "NL",
                },
            },
            "make": "Volkswagen",
            "model": "Golf",
            "year": year(number),
            "fuel": "petrol",
        },
        ensure_ascii=False,
    )


def _files(context, begin, count):
    """A file of lines for each garage."""
    made = []
    for garage in range(GARAGES):
        file = context.folder / f"import-{garage}.ndjson"
        numbers = range(begin + garage * count, begin + (garage + 1) * count)
        file.write_text("\n".join(map(_line, numbers)) + "\n", encoding="utf-8")
        made.append(file)
    return made


class _Stream(threading.Thread):
    """One garage's import; http.client sends a file block by block."""

    def __init__(self, server, token, path, file):
        super().__init__(daemon=True)
        self.server, self.token, self.path, self.file, self.answer = server, token, path, file, None

    def run(self):
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/x-ndjson",
            "Content-Length": str(self.file.stat().st_size),
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=600, blocksize=65536)
        try:
            with self.file.open("rb") as body:
                connection.request("POST", self.path, body, headers)
                answer = connection.getresponse()
                self.answer = answer.status, json.loads(answer.read())
        except OSError as why:
            self.answer = 0, str(why)
        finally:
            connection.close()


def admins():
    """The admins of the garages that import, as `Secret.sign` takes them."""
    numbers = [garage * data.STAFF_EACH for garage in range(GARAGES)]
    return [(data.make_id(data.STAFF, n), "staff", data.make_id(data.STAFF_SESSION, n)) for n in numbers]


def run(context, server, tokens, begin, count):
    """Imports so many cars for each garage, numbered from `begin`: cars a second, and memory over the time of the run."""
    return send(server, tokens, "/v1/passport-imports", _files(context, begin, count), count)


def send(server, tokens, path, files, count):
    """Sends a file of so many lines for each garage, all at once: lines a second, and memory over the time of the run."""
    streams = [_Stream(server, token, path, file) for token, file in zip(tokens, files)]
    began, memory = time.perf_counter(), []
    for stream in streams:
        stream.start()
    while any(stream.is_alive() for stream in streams):
        memory.append(resident(server.process.tree()))
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    for stream in streams:
        status, body = stream.answer
        if status != 200 or (body["made"], body["refused"]) != (count, 0):
            raise Failed(f"an import was answered {status}: {str(body)[:300]}")
    return len(files) * count / seconds, memory


def growth(memory):
    """How much more memory there is in the last fifth of the time than in the second."""
    fifth = max(1, len(memory) // 5)
    return max(memory[-fifth:]) / max(memory[fifth : 2 * fifth])


def measure(context):
    settings, database = context.settings, context.postgres()
    count = _TARGET * _SECONDS // GARAGES
    needed = context.shape.cars + settings.runs * GARAGES * count
    if needed > names.PLATES:
        raise Failed(f"{needed} plates are needed, and the generated data has {names.PLATES}")
    rates, grown, peak = Series(), Series(), Series()
    with context.secret.start(database.url) as server:
        begin = context.shape.cars
        for number in range(settings.runs):
            context.say_round("import", number)
            tokens = context.secret.sign(database.url, admins())
            rate, memory = run(context, server, tokens, begin, count)
            rates.add(rate)
            grown.add(growth(memory))
            peak.add(max(memory))
            begin += GARAGES * count
    what = f"import of cars with customers, {GARAGES} garages at once, {count:,} lines each"
    return [
        report.value_row("import", what, rates, "at least", _TARGET, unit="cars/s"),
        report.value_row("import", "memory in the last fifth of an import / in the second", grown, "at most", 1.1),
        report.value_row("import", "memory while importing", peak, "at most", 100, unit="MB"),
    ]
