"""Starting programs and being sure that they end: also when the bench is interrupted, killed, or fails."""

import atexit
import contextlib
import os
import random
import resource
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

_running = []

# What runs behind this ends with this process, even if that is killed. (Each is the leader of a session of its own, so
# that ^C reaches this process first.)
_GUARD = ["setpriv", "--pdeathsig", "TERM"]


class Failed(Exception):
    """A measure cannot be taken; the text says why."""


class Process:
    """A program in the background, what it says in a file."""

    def __init__(self, command, log, env=None, stdin=subprocess.DEVNULL, output=None):
        self.command, self.log = [str(word) for word in command], log
        with open(log, "wb") as words:
            self.popen = subprocess.Popen(
                [*_GUARD, *self.command],
                stdin=stdin,
                stdout=words if output is None else output,
                stderr=words,
                env=env,
                start_new_session=True,
            )
        _running.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def end(self, seconds=10):
        """Asks it to end, waits, and kills it when it does not."""
        if self in _running:
            _running.remove(self)
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                # Its whole session, which it leads: workers of its own must not outlive it.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                self.popen.wait()
        return self.popen.returncode

    def wait(self, seconds):
        """Waits until it has ended; fails when it takes too long or ended badly."""
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()
            raise Failed(f"{self.command[0]} did not end within {seconds} s: {self.last_words()}") from None
        self.end()
        if self.popen.returncode != 0:
            raise Failed(f"{self.command[0]} failed: {self.last_words()}")

    def output(self):
        """All that it said."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def last_words(self, characters=1500):
        return self.output()[-characters:].strip()

    def tree(self):
        """The ids of it and of all processes below it."""
        return _below(self.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def _below(pid):
    found = [pid]
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as children:
                for child in children.read().split():
                    found += _below(int(child))
    return found


def resident(pids):
    """The memory that processes have in use, in MB (10^6 bytes)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
    return total / 1e6


class Peak:
    """Watches how much memory a process has, until it is told to stop."""

    def __init__(self, process):
        self.process, self.most, self.over = process, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self.over.wait(0.1):
            self.most = max(self.most, resident(self.process.tree()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def cpu_seconds(pids):
    """The processor time that processes have used."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rpartition(") ")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def run(command, text=None, env=None, seconds=3600):
    """Runs a program to its end; returns what it printed. What it says on the side goes into the failure."""
    command = [str(word) for word in command]
    process = subprocess.Popen(
        [*_GUARD, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(text or "", seconds)
    except BaseException as error:
        process.kill()
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise Failed(f"{command[0]} did not end within {seconds} s") from None
        raise
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)[:200]} failed: {(errors or output)[-2000:].strip()}")
    return output


def end_all():
    """Ends everything that was started and still runs."""
    for process in list(_running):
        process.end()


def end_with_signals():
    """Makes ^C and the like end the bench by way of its `finally` blocks."""

    def stop(number, _):
        raise SystemExit(128 + number)

    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    atexit.register(end_all)


def allow_many_files():
    """Lets this process and what it starts have as many connections open as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    """A port of 127.0.0.1 on which nothing listens, below the range that the system hands out itself."""
    for _ in range(100):
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise Failed("found no free port on 127.0.0.1")


def wait_until_answers(url, process, seconds=60):
    """Waits until a URL answers 200."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.popen.poll() is not None:
            raise Failed(f"{process.command[0]} ended before it was ready: {process.last_words()}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise Failed(f"{process.command[0]} was not ready within {seconds} s: {process.last_words()}")
