"""Sending load with wrk, and believing its count only when every answer was right."""

import json
import pathlib

from processes import Failed, Process, run

_SCRIPT = pathlib.Path(__file__).with_name("load.lua")
_MARGIN = 0.03  # by how much the mean length of answers may differ from that of the checked ones


class Request:
    """One request to be sent, with a body or without: JSON in one line, or bytes, which only `Server.ask` can send."""

    def __init__(self, path, token, method="GET", body=None, media_type="application/json"):
        self.path, self.token, self.method, self.body, self.media_type = path, token, method, body, media_type


class Requests:
    """Requests in a file, from which load.lua draws."""

    def __init__(self, file, requests):
        self.file, self.requests = pathlib.Path(file), requests
        with open(self.file, "w", encoding="ascii") as lines:
            lines.writelines(f"{r.method} {r.path} {r.token} {r.body or ''}\n" for r in requests)


class Result:
    """What one run of wrk counted."""

    def __init__(self, counted):
        self.counted = counted
        self.rate = counted["requests"] / counted["microseconds"] * 1e6  # a second
        self.p50, self.p99 = counted["p50"] / 1000, counted["p99"] / 1000  # milliseconds
        self.bytes_each = counted["bytes"] / max(counted["requests"], 1)

    def demand_all_good(self, bytes_each=None):
        """Fails unless each answer was a good one, and as long as those that were looked at."""
        counted = self.counted
        if counted["requests"] == 0:
            raise Failed("wrk got no answer at all")
        bad = {name: counted[name] for name in ("bad_status", "broken", "timeouts", "wrong") if counted[name]}
        if bad:
            raise Failed(f"of {counted['requests']} answers not all were right: {bad}")
        if bytes_each and abs(self.bytes_each / bytes_each - 1) > _MARGIN:
            raise Failed(f"answers had {self.bytes_each:.0f} bytes on average where {bytes_each:.0f} were expected")
        return self


def command(url, requests, seconds, clients, threads, mode="draw", pause=0):
    """The command line of wrk. Pause in milliseconds."""
    return [
        "wrk",
        "--threads",
        threads,
        "--connections",
        clients,
        "--duration",
        f"{seconds}s",
        "--timeout",
        "20s",
        "--script",
        _SCRIPT,
        url,
        "--",
        requests.file,
        mode,
        str(pause),
        str(threads),
    ]


def send(url, requests, seconds, clients, threads, **options):
    """Sends load for some seconds and returns what was counted."""
    return parse(run(command(url, requests, seconds, clients, threads, **options)))


def parse(output):
    """Reads what load.lua printed last."""
    try:
        return Result(json.loads(output.strip().splitlines()[-1]))
    except (IndexError, ValueError):
        raise Failed(f"wrk did not end well: {output[-500:]}") from None


def check(url, requests, least, threads, clients=8):
    """Sends load for a moment and looks at every answer; returns how many bytes each has, headers included."""
    result = send(url, requests, 1, clients, threads, mode="check").demand_all_good()
    if result.counted["good"] < result.counted["requests"] * 0.9:
        raise Failed(f"only {result.counted['good']} of {result.counted['requests']} answers could be looked at")
    if result.counted["least"] < least:
        raise Failed(f"an answer has {result.counted['least']} bytes only; {least} at least were expected")
    return result.bytes_each


def warm(url, requests, seconds, clients, threads, times, most=60):
    """Sends load, again and again but for no longer than `most` seconds, until it goes hardly faster than before, so many
    times in a row: what is read of a large database has to come from the disk once, and that comes by fits and starts."""
    best, hardly = 0, 0
    for _ in range(max(1, most // seconds)):
        rate = send(url, requests, seconds, clients, threads).rate
        hardly = hardly + 1 if rate < best * 1.05 else 0
        if hardly == times:
            return
        best = max(best, rate)


class Background:
    """Load that goes on while something else is done."""

    def __init__(self, log, *arguments, **options):
        self.process = Process(command(*arguments, **options), log)

    def result(self, seconds):
        """Waits for its end, for so many seconds at the most."""
        self.process.wait(seconds)
        return parse(self.process.output())
