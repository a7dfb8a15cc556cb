"""Runs pgbench: how many transactions a second the database alone reaches (D)."""

import re

from processes import Failed, run

_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: ([1-9]\d*)", re.MULTILINE)


def rate(database, name, scripts, seconds, settings, variables=()):
    """Transactions a second of scripts that are drawn evenly, prepared, on as many connections as the server has. What
    was run is left beside the results, for whoever wants to see it.
    """
    command = [
        f"{database.cluster.programs}/pgbench",
        "--no-vacuum",
        "--protocol=prepared",
        f"--client={settings.connections}",
        f"--jobs={min(settings.cores, settings.connections)}",
        f"--time={seconds}",
        *(f"--define={name}={value}" for name, value in variables),
    ]
    for number, script in enumerate(scripts):
        file = settings.output / f"{name}-{number}.sql"
        options = "".join(f"-- {option}\n" for option in script.options(f"v{number}_"))
        file.write_text(options + script.named(f"v{number}_"), encoding="utf-8")
        command += [*script.options(f"v{number}_"), f"--file={file}"]
    output = run(command, env=database.environment(), seconds=seconds + 120)
    if _FAILED.search(output) or not _RATE.search(output):
        raise Failed(f"pgbench did not do its work: {output[-800:]}")
    return float(_RATE.search(output)[1])
