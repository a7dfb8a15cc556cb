"""Reads the calendars of the demo with a reader of iCalendar that others wrote, as calendar programs do: strictly, and after a
car got a name that would break a calendar which is written carelessly. The exit status is 1 when something is wrong.

  check.py    the address of the server in AUTOPASPOORT_URL
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import date, datetime, timedelta, timezone

from icalendar import Calendar

BASE = os.environ["AUTOPASPOORT_URL"].rstrip("/")
PASSWORD = "Welkom-bij-AutoPaspoort-2019"
ADVISOR = "balie@garage-devries.example"
KEEPERS = ["wagenpark@bakkerij-jansen.example", "fatima@bakkerij-jansen.example", "bestuurder1@demo.example"]
HOSTILE = 'A\\n;,"B":' + "🚗é" * 30


def in_dutch(day):
    """A day as it stands in a Dutch text."""
    months = "januari februari maart april mei juni juli augustus september oktober november december"
    return f"{day.day} {months.split()[day.month - 1]} {day.year}"


def send(method, path, token=None, body=None, headers=None):
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


def ask(method, path, token=None, body=None, headers=None):
    status, found, content = send(method, path, token, body, headers)
    assert status < 300, f"{method} {path} answered {status}: {content[:500]!r}"
    return found, json.loads(content)


def sign_in(email):
    return ask("POST", "/v1/auth/login", body={"email": email, "password": PASSWORD})[1]["accessToken"]


def rename_a_car(plate):
    """Gives the car a hostile name and returns its id; none when another garage keeps it."""
    advisor = sign_in(ADVISOR)
    number = urllib.parse.quote(plate.replace("-", ""))
    found = ask("GET", f"/v1/passports?search={number}", advisor)[1]["items"]
    if not found:
        return None
    car = found[0]["id"]
    path = f"/v1/passports/{car}"
    tag = ask("GET", path, advisor)[0]["ETag"]
    ask("PATCH", path, advisor, {"make": HOSTILE[:60], "model": "Golf"}, {"If-Match": tag})
    return car


def is_line(line):
    return len(line) <= 75 and b"\r" not in line and b"\n" not in line


def read(path):
    status, headers, content = send("GET", path)
    assert status == 200 and headers["Content-Type"] == "text/calendar; charset=utf-8", (status, headers)
    assert content.endswith(b"\r\n") and all(is_line(line) for line in content[:-2].split(b"\r\n")), content
    known, _, body = send("GET", path, headers={"If-None-Match": headers["ETag"]})
    assert (known, body) == (304, b""), "a calendar that has not changed is not sent again"
    calendar = Calendar.from_ical(content)
    assert not calendar.errors, calendar.errors
    assert (calendar["VERSION"], calendar["CALSCALE"]) == ("2.0", "GREGORIAN") and "METHOD" not in calendar
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=12) and calendar["X-WR-CALNAME"] == calendar["NAME"]
    assert len(calendar.subcomponents) == len(calendar.walk("VEVENT")), "there is nothing but events"
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def check(event):
    assert not event.errors, event.errors
    begins, ends = event["DTSTART"].dt, event["DTEND"].dt
    assert type(begins) is date and ends - begins == timedelta(days=1), (begins, ends)
    changed = event["LAST-MODIFIED"].dt
    assert changed == event["DTSTAMP"].dt and changed.utcoffset() == timedelta(0) and changed <= datetime.now(timezone.utc)
    assert event["STATUS"] in ("CONFIRMED", "CANCELLED") and event["TRANSP"] == "TRANSPARENT" and event["SEQUENCE"] >= 0
    assert event["SUMMARY"] and in_dutch(begins) in event["DESCRIPTION"], event.to_ical()


def main():
    entries, renames = 0, 0
    for email in KEEPERS:
        token = sign_in(email)
        address = ask("PUT", "/v1/account/calendar", token)[1]["address"]
        path = urllib.parse.urlsplit(address).path
        events = read(path)
        for event in events.values():
            check(event)
        entries += len(events)
        assert len(events) > 0, f"{email} has nothing in the calendar"
        uid, event = next(iter(events.items()))
        car = rename_a_car(str(event["SUMMARY"]).rsplit(": ", 1)[1])
        if car:
            assert uid.startswith(car)
            renamed = read(path)[uid]
            check(renamed)
            assert f"({HOSTILE[:60]} Golf)" in renamed["DESCRIPTION"], renamed["DESCRIPTION"]
            expected = event["SEQUENCE"] + (f"({HOSTILE[:60]} Golf)" not in event["DESCRIPTION"])
            assert renamed["SEQUENCE"] == expected, (event["SEQUENCE"], renamed["SEQUENCE"])
            renames += 1
        former = path
        ask("PUT", "/v1/account/calendar", token)
        assert send("GET", former)[0] == 404, "the former address does not work any more"
    assert renames >= 2, f"{renames} cars were renamed"
    print(f"{len(KEEPERS)} calendars with {entries} entries were read as they are meant")


if __name__ == "__main__":
    sys.exit(main())
