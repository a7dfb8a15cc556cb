"""Reads a profile as text (`llvm-profdata merge --text`) from standard input, and writes only those functions of which some
part ran at least as often as the argument says. The others are nine tenths of the file and change nothing."""

import re
import sys

_COUNTS = re.compile(r"^# Counter Values:\n((?:\d+\n?)+)", re.MULTILINE)


def main():
    least = int(sys.argv[1])
    head, mark, functions = sys.stdin.read().partition("\n:ir\n")
    if not mark:
        sys.exit("error: that is no text of a profile of LLVM's intermediate code")
    kept = [function for function in functions.split("\n\n") if _most(function) >= least]
    sys.stdout.write(f"{head}{mark}" + "\n\n".join(kept) + "\n")


def _most(function):
    counts = _COUNTS.search(function)
    return max(map(int, counts[1].split())) if counts else 0


if __name__ == "__main__":
    main()
