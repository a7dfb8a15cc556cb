"""Learns from PostgreSQL's log which statements the server runs for a request, with the values of their parameters.

So the statements that pgbench is given are the server's own, whatever they are: one or two for a read, a whole
transaction for a command. Nothing of them is written down in the bench.
"""

import collections
import re
import time

from processes import Failed

# Not the request's: the pool asks whether its connection still lives.
_IGNORED = re.compile(r"SELECT 1;?|SET .*|DEALLOCATE .*", re.IGNORECASE)
_ENTRY = re.compile(
    r"^(?P<pid>\d+)\|(?P<level>LOG|DETAIL|STATEMENT|ERROR|WARNING|HINT|CONTEXT|FATAL|NOTICE): {1,2}(?P<text>.*)$"
)
_STATEMENT = re.compile(r"(?:statement|execute [^:]*): (?P<sql>.*)", re.DOTALL)
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
_TRIES = 6  # the server's worker uses the same connections now and then, so one look may see its statements too

Statement = collections.namedtuple("Statement", "sql values")  # values: a tuple of texts or None


def statements(cluster, send, marks):
    """The statements that one request runs: two samples, each the number of the try and its statements.

    `send(number)` sends the request, or another one of the same kind. `marks(number)` are values of which one stands
    among its parameters, so that its statements can be told from those of the server's own worker. The worker uses the
    same connections now and then; so what is believed is what was seen three times.
    """
    seen = collections.defaultdict(list)
    with _Logging(cluster) as log:
        for number in range(_TRIES):
            log.skip()
            send(number)
            found = _of_request(log.read(), marks(number))
            same = seen[tuple(statement.sql for statement in found)]
            same.append((number, found))
            if found and len(same) == 3:
                return same[:2]
    counts = ", ".join(str(len(key)) for key in seen)
    raise Failed(f"the same request ran other statements each time ({counts} statements)")


class _Logging:
    """All statements are logged while it is entered."""

    def __init__(self, cluster):
        self.cluster, self.administration, self.position = cluster, cluster.database("postgres"), 0

    def __enter__(self):
        self.administration.psql(
            "ALTER SYSTEM SET log_line_prefix = '%p|'; ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf()"
        )
        time.sleep(0.5)  # until the server's connections have heard of it
        return self

    def __exit__(self, *_):
        self.administration.psql("ALTER SYSTEM RESET log_statement; SELECT pg_reload_conf()")
        time.sleep(0.5)

    def skip(self):
        """What is in the log so far is of no interest."""
        with open(self.cluster.log, "rb") as log:
            self.position = log.seek(0, 2)

    def read(self):
        with open(self.cluster.log, "rb") as log:
            log.seek(self.position)
            return log.read().decode(errors="replace")


def _entries(text):
    """The entries of the log: process, level, text of one or more lines."""
    found = []
    for line in text.splitlines():
        entry = _ENTRY.match(line)
        if entry:
            found.append([entry["pid"], entry["level"], entry["text"]])
        elif found:
            found[-1][2] += "\n" + line.lstrip("\t")
    return found


def _of_request(text, marks):
    """The statements of the process that ran one with a mark among its parameters."""
    by_process = collections.defaultdict(list)
    for process, level, words in _entries(text):
        statement = _STATEMENT.match(words) if level == "LOG" else None
        if statement and not _IGNORED.fullmatch(statement["sql"].strip()):
            by_process[process].append(Statement(statement["sql"].strip(), ()))
        elif level == "DETAIL" and by_process[process]:
            values = tuple(
                None if value == "NULL" else value[1:-1].replace("''", "'") for _, value in _PARAMETER.findall(words)
            )
            by_process[process][-1] = by_process[process][-1]._replace(values=values)
    for found in by_process.values():
        if any(mark in (value or "") for statement in found for value in statement.values for mark in marks):
            return found
    return []
