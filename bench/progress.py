"""Telling how far something is: a bar on a terminal, else a plain line now and then. On the standard error."""

import sys
import time

_WIDTH = 30  # characters of the bar
_EVERY = 15  # seconds between plain lines


def say(text):
    """Tells what happens, as scripts/lib.sh does."""
    print(f"==> {text}", file=sys.stderr, flush=True)


class Progress:
    """How far a piece of work is."""

    def __init__(self, what, total):
        self.what, self.total, self.done = what, total, 0
        self.is_bar = sys.stderr.isatty()
        self.began = self.told = time.monotonic()

    def advance(self, count):
        self.done += count
        share = self.done / self.total if self.total else 1
        if self.is_bar:
            bar = ("#" * round(share * _WIDTH)).ljust(_WIDTH)
            print(f"\r    {self.what} [{bar}] {share:4.0%}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self.told >= _EVERY:
            self.told = time.monotonic()
            say(f"{self.what}: {share:.0%}")

    def end(self, text=""):
        if self.is_bar:
            print("\r" + " " * (_WIDTH + len(self.what) + 12) + "\r", end="", file=sys.stderr)
        say(f"{self.what}: {text}, {time.monotonic() - self.began:.0f} s")
