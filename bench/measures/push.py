"""Ten thousand push messages, each to the browser of another driver, by a push service on this machine: how many a second
arrive, and whether each came once.

The server is the bench's own (tools/src/pushing.rs): the program that people run refuses a push service at such an address. The
messages go unencrypted by HTTP/1.1 beside their own encryption, which is what costs most: a key is agreed upon anew for each.
"""

import collections
import http.client
import json
import threading

import data
import report
from load import Request
from processes import Failed
from services import PushService, rate_of_arrival
from stats import Series

from measures.mails import cars_told

_MESSAGES, _RATE = 10_000, 500
_PATIENCE = 600  # seconds
_THREADS = 4  # that register browsers
# The keys of the browser in RFC 8291, section 5: those of all browsers here.
_KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


def _register(server, requests):
    """Sends requests one after another over one connection; the answers that were not 200."""
    connection, wrong = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60), []
    for request in requests:
        headers = {"Authorization": f"Bearer {request.token}", "Content-Type": "application/json"}
        connection.request("POST", request.path, request.body, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            wrong.append(f"{answer.status}: {body[:200]}")
    connection.close()
    return wrong


def _register_all(context, database, server, service, told):
    """A browser for each driver."""
    accounts = [(data.make_id(data.DRIVER, n), "driver", data.make_id(data.DRIVER_SESSION, n)) for n in told]
    tokens = context.secret.sign(database.url, accounts)

    def request(place, token):
        body = {"kind": "web_push", "endpoint": f"{service.url}/send/{place}", **_KEYS}
        return Request("/v1/account/devices", token, "POST", json.dumps(body))

    requests, wrong = [request(*pair) for pair in enumerate(tokens)], []
    threads = [
        threading.Thread(target=lambda part=part: wrong.extend(_register(server, requests[part::_THREADS])))
        for part in range(_THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    registered = int(database.psql("SELECT count(*) FROM devices"))
    if wrong or registered != len(told):
        raise Failed(f"{registered} of {len(told)} browsers were registered: {wrong[:1]}")


def measure(context):
    database, settings, rates, wrong = context.postgres(), context.settings, Series(), Series()
    count = min(_MESSAGES, context.shape.cars)
    told = cars_told(context.shape, count)
    database.psql("TRUNCATE devices, jobs, notifications")
    with PushService(context) as service:
        with context.secret.start(database.url, pushing=True) as server:
            _register_all(context, database, server, service, told)
        for number in range(settings.runs):
            context.say_round(f"{count:,} push messages", number)
            database.psql("TRUNCATE jobs, notifications")
            context.secret.tell(database.url, context.shape.cars, "push", told)
            already = service.count()
            with context.secret.start(database.url, pushing=True) as server:
                rates.add(rate_of_arrival(service, server, count, _PATIENCE, already))
            came = collections.Counter(service.lines()[already:])
            wrong.add(abs(len(came) - count) + sum(times - 1 for times in came.values()))
        details = {"connections": service.connections()}
    database.psql("TRUNCATE devices, jobs, notifications")
    what = f"{count:,} push messages to a push service"
    return [
        report.value_row("push", what, rates, "at least", _RATE, details, unit="messages/s"),
        report.value_row("push", f"{what}, lost or come twice", wrong, "at most", 0),
    ]
