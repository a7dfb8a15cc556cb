"""Bad moment: two thousand connections that are open and silent, and two hundred clients that ask for much and read
slowly, beside the full load of the list. They may cost no throughput.

A slow reader has a small window, asks for the list several times at once and takes a few bytes a second: so the server
is left with answers that it cannot send. What is compared is the same load without them, in turn.
"""

import contextlib
import socket
import threading
import time

import load
import report
from processes import Failed, cpu_seconds
from reads import ListOfFleet
from stats import Series

_IDLE, _SLOW = 2000, 200
_ASKED_AT_ONCE = 12  # requests that a slow reader sends before it reads
_WINDOW, _SIP = 4096, 200  # bytes: the window of a slow reader, and what it reads each second
_TARGET = 0.95  # of the throughput without them; less of a difference says nothing on a shared machine


def _message(request, port):
    lines = f"GET {request.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {request.token}", "", ""
    return "\r\n".join(lines).encode()


class Crowd:
    """The idle and the slow ones, while it is entered."""

    def __init__(self, server, requests):
        self.server, self.requests = server, requests
        self.idle, self.slow, self.over = [], [], threading.Event()
        self.thread = threading.Thread(target=self._sip, daemon=True)

    def __enter__(self):
        drawn = self.requests.requests
        for number in range(_IDLE):
            self.idle.append(self._connect(_message(drawn[number % len(drawn)], self.server.port)))
        for connection in self.idle:
            _read_answer(connection)
        for number in range(_SLOW):
            message = _message(drawn[number % len(drawn)], self.server.port) * _ASKED_AT_ONCE
            self.slow.append(self._connect(message, _WINDOW))
        for connection in self.idle + self.slow:
            connection.setblocking(False)
        self.thread.start()
        self._settle()
        return self

    def _settle(self):
        """Waits until the server has done what it can do of all that was asked."""
        for _ in range(30):
            before = cpu_seconds(self.server.process.tree())
            time.sleep(0.5)
            if cpu_seconds(self.server.process.tree()) - before < 0.05:
                return
        raise Failed("the server did not come to rest with the slow readers")

    def _connect(self, message, window=None):
        connection = socket.socket()
        if window:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self.server.port))
        connection.sendall(message)
        return connection

    def _sip(self):
        while not self.over.wait(1):
            for connection in self.slow:
                # Either nothing has come, or the server has given up on it, which is its right.
                with contextlib.suppress(OSError):
                    connection.recv(_SIP)

    def still_open(self):
        """How many of the idle ones the server has kept."""
        return sum(_is_open(connection) for connection in self.idle)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        for connection in self.idle + self.slow:
            connection.close()


def _is_open(connection):
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _read_answer(connection):
    """Reads one whole answer, so that the connection is idle afterwards."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while length > len(body):
        body += _some(connection)


def _some(connection):
    data = connection.recv(65536)
    if not data:
        raise Failed("the server closed an idle connection")
    return data


def measure(context):
    settings, database, read = context.settings, context.postgres(), ListOfFleet(context.shape)
    alone, crowded, kept = Series(), Series(), Series()
    with context.secret.start(database.url) as server:
        for number in range(settings.runs):
            context.say_round("idle and slow clients", number)
            requests = read.requests(context, database.url)
            load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
            alone.add(_rate(context, server, requests))
            with Crowd(server, requests) as crowd:
                crowded.add(_rate(context, server, requests))
                kept.add(crowd.still_open())
                if kept.values[-1] < _IDLE:
                    raise Failed(f"the server has kept only {kept.values[-1]} of {_IDLE} idle connections")
    details = {
        "alone_per_second": alone.as_json(),
        "crowded_per_second": crowded.as_json(),
        "idle_kept_open": kept.as_json(),
    }
    what = f"throughput of the list with {_IDLE:,} idle connections and {_SLOW} slow readers / without"
    return [report.value_row("idlers", what, crowded.over(alone), "at least", _TARGET, details)]


def _rate(context, server, requests):
    settings = context.settings
    return load.send(server.url, requests, settings.seconds, settings.clients, context.threads).demand_all_good().rate
