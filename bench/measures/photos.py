"""Photos of 12 megapixels, as telephones take them: the server's processor time for one that is sent, decoded, written anew
in two sizes, and read back; and the most memory that it takes meanwhile. One after the other; each server has the photos
of one run, of another car, since its memory at the most is what the kernel kept of it.
"""

import json
import pathlib

import data
import report
from load import Request
from processes import Failed, cpu_seconds, run
from stats import Series

_PHOTOS = 8  # in a run; a check has 40 at the most
_SECONDS, _MEMORY = 1, 150
_TICKS = 0.01  # processor time is counted in these


def peak_of(server):
    """The most memory that the server has had so far, in MB."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def _ask(server, request, expected):
    status, _, body = server.ask(request, 60)
    if status != expected:
        raise Failed(f"{request.method} {request.path} was answered {status}: {body[:300]}")
    return body


def _photo(context):
    """A photo's bytes."""
    file = context.folder / "photo.jpg"
    run([context.secret.program("bench-tools"), "photo", "--file", file])
    return file.read_bytes()


def measure(context):
    settings, database = context.settings, context.postgres()
    photo, both, sending, reading, peak = _photo(context), Series(), Series(), Series(), Series()
    account = data.make_id(data.STAFF, 0), "staff", data.make_id(data.STAFF_SESSION, 0)
    for number in range(settings.runs):
        car = f"/v1/passports/{data.make_id(data.PASSPORT, number)}"
        context.say_round("photos", number)
        with context.secret.start(database.url) as server:
            token = context.secret.sign(database.url, [account])[0]
            draft = _ask(server, Request(f"{car}/checks", token, "POST", json.dumps({"template": "autostatus"})), 201)
            check = json.loads(draft)["id"]
            photos, add = [], f"{car}/checks/{check}/findings/windscreen/photos"
            begun = cpu_seconds(server.process.tree())
            for _ in range(_PHOTOS):
                photos.append(json.loads(_ask(server, Request(add, token, "POST", photo, "image/jpeg"), 201)))
            sent = cpu_seconds(server.process.tree())
            for made in photos:
                for size in ("", "?size=small"):
                    body = _ask(server, Request(f"{car}/files/{made['id']}{size}", token), 200)
                    if body[:2] != b"\xff\xd8":
                        raise Failed("what was read back is no JPEG")
            done = cpu_seconds(server.process.tree())
            sending.add((sent - begun) / _PHOTOS)
            reading.add((done - sent) / _PHOTOS)
            both.add((done - begun) / _PHOTOS)
            peak.add(peak_of(server))
    size = f"{len(photo) / 1e6:.1f} MB"
    details = {"sending_s": sending.as_json(), "reading_s": reading.as_json(), "tick_s": _TICKS / _PHOTOS}
    return [
        report.value_row(
            "photos",
            f"a photo of 12 megapixels ({size}), in and out: the server's processor time",
            both,
            "at most",
            _SECONDS,
            details,
            unit="s",
        ),
        report.value_row("photos", "memory while such photos come, one by one", peak, "at most", _MEMORY, unit="MB"),
    ]
