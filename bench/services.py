"""What the server sends to, in the place of others' services: a mail server and a push service on this machine. Both write
down what they took before they answer (tools/src/journal.rs)."""

import itertools
import socket
import time

from processes import Failed, Process, free_port

_CONNECTION = "connection"
_count = itertools.count()


class Service:
    """A stand-in that runs: `tool` is what bench-tools calls it."""

    def __init__(self, context, tool):
        self.port = free_port()
        self.journal = context.folder / f"{tool}-{next(_count)}.journal"
        self.journal.touch()
        self.position = self.counted = 0
        command = [
            context.secret.program("bench-tools"),
            tool,
            "--listen",
            f"127.0.0.1:{self.port}",
            "--journal",
            self.journal,
        ]
        self.process = Process(command, f"{self.journal}.log")
        try:
            self._wait()
        except BaseException:
            self.process.end()
            raise

    def _wait(self):
        for _ in range(500):
            if self.process.popen.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise Failed(f"{self.process.command[1]} does not listen: {self.process.last_words()}")

    def lines(self):
        """All that it took, the oldest first, without its connections."""
        return [line for line in self.journal.read_text(encoding="utf-8").splitlines() if line != _CONNECTION]

    def count(self):
        """How many things it took. It reads on where it stopped, so that asking often costs nothing."""
        with self.journal.open("rb") as journal:
            journal.seek(self.position)
            whole, _, _ = journal.read().rpartition(b"\n")
        if whole:
            self.position += len(whole) + 1
            lines = whole.split(b"\n")
            self.counted += len(lines) - lines.count(_CONNECTION.encode())
        return self.counted

    def connections(self):
        """How many connections were opened to it."""
        return self.journal.read_text(encoding="utf-8").splitlines().count(_CONNECTION)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.end()


class MailServer(Service):
    """A mail server that takes every mail; its lines are their `Message-ID`s."""

    def __init__(self, context):
        super().__init__(context, "mail-server")

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def connections(self):
        """But for the one that looked whether it is there."""
        return super().connections() - 1


class PushService(Service):
    """A push service that takes every message; its lines are the paths that they were sent to."""

    def __init__(self, context):
        super().__init__(context, "push-service")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


def rate_of_arrival(service, server, count, patience, already=0):
    """Waits until a service took so many things more than `already`; returns how many a second came between the first and
    the last of them."""
    begun, first, seen, until = None, 0, 0, time.monotonic() + patience
    while True:
        now, seen = time.monotonic(), service.count() - already
        if begun is None and seen > 0:
            begun, first = now, seen
        if seen >= count:
            return (seen - first) / (now - begun) if now > begun else float(seen)
        if now > until or server.process.popen.poll() is not None:
            raise Failed(f"only {seen} of {count} arrived: {server.process.last_words()}")
        time.sleep(0.05)
