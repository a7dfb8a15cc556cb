"""The APK list of a large garage as a file for spreadsheets: cars a second, and the most memory that the server has for all of it,
compared with a tenth of it. Each server writes files of one length, several at once, since its memory at the most is what the
kernel kept of it.
"""

import http.client
import threading
import time

import data
import report
from garages import expiring, large_garage
from noon import noon
from processes import Failed
from stats import Series

from measures.photos import peak_of

_FILES, _AT_ONCE = 12, 3
_DAYS = 10  # on each of which a tenth of the cars expires
_FLAT = 1.1


def _read(server, path, token):
    """How many lines a file has."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise Failed(f"{path} was answered {answer.status}: {answer.read()[:300]}")
        lines = 0
        while some := answer.read(65536):
            lines += some.count(b"\r\n")
        return lines
    finally:
        connection.close()


def _files(server, path, token, cars):
    """Cars a second of files that are read, several at once."""
    wrong = []

    def read():
        for _ in range(_FILES // _AT_ONCE):
            try:
                lines = _read(server, path, token)
            except (OSError, http.client.HTTPException, Failed) as why:
                return wrong.append(str(why))
            if lines != cars + 1:
                wrong.append(f"a file has {lines} lines, and there are {cars} cars")
        return None

    threads, began = [threading.Thread(target=read) for _ in range(_AT_ONCE)], time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise Failed(wrong[0])
    return _FILES * cars / (time.monotonic() - began)


def measure(context):
    database, settings, rates, ratios, most = context.postgres(), context.settings, Series(), Series(), Series()
    with (
        noon(database) as today,
        large_garage(context, database) as (garage, cars),
        expiring(database, garage, today, cars // _DAYS) as last,
    ):
        staff = garage * data.STAFF_EACH
        account = data.make_id(data.STAFF, staff), "staff", data.make_id(data.STAFF_SESSION, staff)
        for number in range(settings.runs):
            context.say_round(f"the APK list of {cars:,} cars", number)
            peaks = []
            for until, count in ((today, cars // _DAYS), (last, cars)):
                token = context.secret.sign(database.url, [account])[0]
                path = f"/v1/garage/apk-list/export?expiresFrom={today}&expiresUntil={until}"
                with context.secret.start(database.url) as server:
                    rate = _files(server, path, token, count)
                    peaks.append(peak_of(server))
            rates.add(rate)
            most.add(peaks[1])
            ratios.add(peaks[1] / peaks[0])
    what = f"the APK list of {cars:,} cars as a file, {_AT_ONCE} at once"
    flat = f"{what}: memory of the server at the most / for {cars // _DAYS:,} cars"
    return [
        report.value_row("apk-export", what, rates, "at least", None, unit="cars/s"),
        report.value_row("apk-export", flat, ratios, "at most", _FLAT, {"peak_mb": most.as_json()}),
    ]
