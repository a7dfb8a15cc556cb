"""Measures the server against the limit that database and machine set: see README.md beside this file.

Started by scripts/bench.sh, which prepares what this needs.
"""

import time
import traceback

import processes
import report
import settings
from context import opened
from measures import MEASURES, ON_REQUEST
from processes import Failed
from progress import say


def take(context, name):
    """Takes one measure; one that fails must not keep the others from being taken."""
    what, measure = MEASURES[name]
    began = time.monotonic()
    say(f"{name}: {what}")
    try:
        rows = measure(context)
    except Failed as why:
        say(f"{name} could not be measured: {why}")
        rows = [report.failed_row(name, what, why)]
    except Exception:  # a mistake in the bench itself: told, and the rest goes on
        traceback.print_exc()
        rows = [report.failed_row(name, what, f"a mistake in the bench: {traceback.format_exc(limit=-1)}")]
    finally:
        processes.end_all()
    say(f"{name} took {time.monotonic() - began:.0f} s")
    return rows


def main():
    chosen = settings.read({name: what for name, (what, _) in MEASURES.items()}, ON_REQUEST)
    chosen.output.mkdir(parents=True, exist_ok=True)
    with opened(chosen) as context:
        head, rows = report.machine(context), []
        for name in chosen.measures:
            rows += take(context, name)
            text = report.write(context, head, rows)  # after each, so that an interrupted run leaves what it has
        print(text)
        say(f"written to {chosen.output}/result.md and result.json")


if __name__ == "__main__":
    main()
