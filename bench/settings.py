"""What can be chosen about a run, from the environment or `make bench NAME=value`; and the names of the measures."""

import argparse
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
_FROM_ENVIRONMENT = """settings, from the environment or as `make bench NAME=value`:
  CARS          how many cars (default 200000, at most 10000000; rounded up to whole garages of 1000 cars)
  ONLY          which measures, separated by commas (default: all but those that are only taken when named)
  SKIP          which measures to leave out
  RUNS          how often each is run (default 3)
  SECONDS_EACH  how long each run takes, in seconds (default 3)
  CONNECTIONS   connections to the database, of the server and of pgbench (default 8, as the server's own default)
  CLIENTS       connections that wrk keeps open at full load (default 64)
  LATENCY       how long the register of the measure `refresh` takes to answer, in milliseconds (default 50)
  SERVER_ARGS   further options for the server, such as `--log warn`
"""


class Settings:
    """The choices of one run."""

    def __init__(self, measures, on_request=(), environment=os.environ):
        self._environment, self._wrong = environment, []
        self.cars = self._number("CARS", 200_000, 1000, 10_000_000)
        self.runs = self._number("RUNS", 3, 1, 100)
        self.seconds = self._number("SECONDS_EACH", 3, 1, 300)
        self.connections = self._number("CONNECTIONS", 8, 2, 300)
        self.clients = self._number("CLIENTS", 64, 2, 5000)
        self.latency = self._number("LATENCY", 50, 1, 10_000)
        self.server_args = environment.get("SERVER_ARGS", "").split()
        only, skip = self._names("ONLY", measures), self._names("SKIP", measures)
        usual = [name for name in measures if name not in on_request]
        self.measures = [name for name in only or usual if name not in skip]
        self.cores = len(os.sched_getaffinity(0))
        target = os.environ.get("CARGO_TARGET_DIR") or "target"
        self.output = (ROOT / target / "bench").resolve()
        self.programs = self.output / "build" / "release"
        if self._wrong:
            raise SystemExit("\n".join(self._wrong))

    def _number(self, name, default, least, most):
        text = self._environment.get(name) or str(default)
        if not text.isdigit() or not least <= int(text) <= most:
            self._wrong.append(f"{name}: {text!r} is not a number from {least} to {most}")
            return default
        return int(text)

    def _names(self, name, known):
        chosen = [word for word in re.split(r"[,\s]+", self._environment.get(name, "")) if word]
        unknown = [word for word in chosen if word not in known]
        if unknown:
            self._wrong.append(f"{name}: there is no measure {', '.join(unknown)}; there are {', '.join(known)}")
        return [word for word in known if word in chosen]


def read(measures, on_request):
    """Reads the settings; `measures` is names to what they measure, `on_request` those that are not usual."""
    listed = "\n".join(f"  {name:<12}  {what}" for name, what in measures.items())
    parser = argparse.ArgumentParser(
        prog="make bench",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures the server against the limit that database and machine set, and writes the table to "
        "target/bench/result.md and result.json.",
        epilog=f"{_FROM_ENVIRONMENT}\nmeasures:\n{listed}\n\nbench/README.md explains what they mean.",
    )
    parser.add_argument("--chosen", action="store_true", help="only list the measures chosen")
    given = parser.parse_args()
    chosen = Settings(list(measures), on_request)
    if given.chosen:
        print("\n".join(chosen.measures))
        raise SystemExit(0)
    return chosen
