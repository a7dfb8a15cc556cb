"""The table: Markdown for people, JSON for programs."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

from processes import run
from stats import limits

# What the peers said when they were last measured. A run that measures them leaves the same in its folder.
_PEERS = pathlib.Path(__file__).parent / "peers" / "figures.json"


def limit_row(measure, what, d, h, ours, target, details=None):
    """A row of the table of limits; rates a second."""
    bound = limits(d, h) if h else d
    ratio = ours.over(bound)
    return {
        "measure": measure,
        "what": what,
        "D": d.as_json(),
        "H": h.as_json() if h else None,
        "L": bound.as_json(),
        "ours": ours.as_json(),
        "ratio": ratio.as_json(),
        "target": f">= {target}",
        "met": ratio.median >= target,
        **(details or {}),
    }


def value_row(measure, what, values, bound, target, details=None, unit=""):
    """A row of the table of other measures. `bound` is "at least" or "at most"; a target of None only informs."""
    met = None if target is None else values.median >= target if bound == "at least" else values.median <= target
    sign = {"at least": ">=", "at most": "<="}[bound]
    return {
        "measure": measure,
        "what": what,
        "value": values.as_json(),
        "unit": unit,
        "target": None if target is None else f"{sign} {target}",
        "met": met,
        **(details or {}),
    }


def failed_row(measure, what, why):
    """A measure that could not be taken."""
    return {"measure": measure, "what": what, "failed": str(why), "target": None, "met": False}


def machine(context):
    """What it was measured on."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as cpuinfo:
        names = re.findall(r"^model name\s*: (.*)$", cpuinfo.read(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": context.settings.cores,
        "memory_gib": round(memory, 1),
        "processor": names[0] if names else platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "postgresql": context.cluster.version(),
        "server": run([context.secret.program("autopaspoort"), "--version"]).strip(),
        "wrk": _wrk_version(),
        "rust": run(["rustc", "--version"]).strip(),
        "measured_at": f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
    }


def _wrk_version():
    """`wrk -v` tells it, and then fails for want of a URL."""
    told = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return (told.stdout + told.stderr).split()[1]


def _number(value):
    """So that three digits or more can be read."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _series(series):
    return f"{_number(series['median'])} ±{series['spread'] / 2:.0%}"


def _met(row):
    return {True: "yes", False: "**no**", None: ""}[row["met"]]


def markdown(head, settings, rows, peers):
    """The whole table. `peers` are figures of another run, if any."""
    limits = [row for row in rows if "ours" in row]
    values = [row for row in rows if "value" in row]
    failures = [row for row in rows if "failed" in row]
    lines = [
        f"{settings['cars']:,} cars; {_machine(head)}; {head['measured_at']}.",
        f"Medians of {settings['runs']} interleaved runs of {settings['seconds']} s, ± half the spread between them; "
        "ratios are taken run by run. Load generator, servers and database share the machine.",
        "",
    ]
    if limits:
        lines += [
            "| measure | D /s | H /s | L /s | ours /s | ours / L | target | met |",
            "|---|--:|--:|--:|--:|--:|--:|---|",
            *(
                f"| {row['what']} | {_series(row['D'])} | {_series(row['H']) if row['H'] else ''} | "
                f"{_series(row['L'])} | {_series(row['ours'])} | {_series(row['ratio'])} | "
                f"{row['target']} | {_met(row)} |"
                for row in limits
            ),
            "",
        ]
    if values:
        lines += [*_values(values), ""]
    if peers:
        head = peers["machine"]
        lines += [
            f"Not measured in this run, but on {head['measured_at']}, of commit {peers['commit']}: {_machine(head)}.",
            "",
            *_values(peers["rows"]),
            "",
        ]
    lines += [f"Not measured: {row['what']}: {row['failed']}" for row in failures]
    return "\n".join(lines).rstrip() + "\n"


def _machine(head):
    return (
        f"{head['cores']} cores ({head['processor']}), {head['memory_gib']:.0f} GiB; {head['server']}, "
        f"PostgreSQL {head['postgresql']}, {head['rust']}"
    )


def _values(rows):
    """The table of measures that have no limit to be compared with."""
    return [
        "| measure | value | target | met |",
        "|---|--:|--:|---|",
        *(
            f"| {row['what']} | {_series(row['value'])} {row['unit']} | {row['target'] or ''} | {_met(row)} |"
            for row in rows
        ),
    ]


def write(context, head, rows):
    """Writes both forms; returns the Markdown."""
    settings = context.settings
    chosen = {
        "cars": context.shape.cars,
        "runs": settings.runs,
        "seconds": settings.seconds,
        "clients": settings.clients,
        "connections": settings.connections,
        "server_args": settings.server_args,
    }
    was_measured = "peers" in settings.measures
    peers = None if was_measured else json.loads(_PEERS.read_text(encoding="utf-8"))
    text = markdown(head, chosen, rows, peers)
    (settings.output / "result.md").write_text(text, encoding="utf-8")
    _write_json(settings.output / "result.json", {"machine": head, "settings": chosen, "rows": rows, "peers": peers})
    of_peers = [row for row in rows if row["measure"] == "peers" and "value" in row]
    if of_peers:
        _write_json(settings.output / "peers.json", {"machine": head, "commit": _commit(), "rows": of_peers})
    return text


def _write_json(file, content):
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _commit():
    """What is measured, if git knows it."""
    told = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
