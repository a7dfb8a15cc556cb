"""The servers that load is sent to: the one under test, the bare one, and a few requests to each by hand."""

import base64
import http.client
import os
import pathlib
import secrets
import subprocess

from processes import Failed, Process, free_port, run, wait_until_answers

_OWN_HEADERS = {"content-length", "date", "connection", "transfer-encoding", "keep-alive"}
_CONTACT = "mailto:beheer@autopaspoort.nl"  # whom push services would write to
_count = iter(range(1_000_000))


class Server:
    """A web server that runs."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def end(self):
        self.process.end(40)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def ask(self, request, timeout=30, more=()):
        """Sends one request, with more headers if there are; returns status, headers (in order) and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = {"Authorization": f"Bearer {request.token}", **dict(more)}
            if request.body:
                headers["Content-Type"] = request.media_type
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class Secret:
    """A throwaway secret and folder for the servers of one run."""

    def __init__(self, settings, folder):
        self.settings, self.folder = settings, pathlib.Path(folder)
        self.secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")

    def environment(self, database_url):
        """What the server's programs are told. Nothing that a developer has set for a server of their own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTOPASPOORT_")}
        return {
            **kept,
            "AUTOPASPOORT_SECRET": self.secret,
            "AUTOPASPOORT_DATABASE_URL": database_url,
            "AUTOPASPOORT_REQUESTS_PER_MINUTE": "0",
            # Access tokens name it, and are signed by another program.
            "AUTOPASPOORT_PUBLIC_URL": "https://bench.example",
            "AUTOPASPOORT_VEHICLE_REGISTER": "off",
            "AUTOPASPOORT_DATA_DIR": str(self.folder / "data"),
        }

    def program(self, name):
        file = self.settings.programs / name
        if not file.exists():
            raise Failed(f"{file} is not there: run this by `make bench`, which builds it")
        return file

    def migrate(self, database_url):
        run([self.program("autopaspoort"), "migrate"], env=self.environment(database_url))

    def sign(self, database_url, accounts):
        """Access tokens for (account, kind, session); good for 15 minutes."""
        lines = "".join(f"{account} {kind} {session}\n" for account, kind, session in accounts)
        return run([self.program("bench-tools"), "sign"], lines, self.environment(database_url)).split()

    def offer(self, database_url, cars, offers):
        """Stores offers to new drivers: (number, number of the car) of each."""
        lines = "".join(f"{number} {car}\n" for number, car in offers)
        run([self.program("bench-tools"), "offer", "--cars", cars], lines, self.environment(database_url))

    def advise(self, database_url, cars, advices):
        """Stores open recommendations, two for each (number, number of the car)."""
        lines = "".join(f"{number} {car}\n" for number, car in advices)
        run([self.program("bench-tools"), "advise", "--cars", cars], lines, self.environment(database_url))

    def tell(self, database_url, cars, stage, told):
        """Lays in what the drivers of cars with these numbers are told, at a stage (tools/src/tell.rs)."""
        lines = "".join(f"{car}\n" for car in told)
        run([self.program("bench-tools"), "tell", "--cars", cars, "--stage", stage], lines, self.environment(database_url))

    def tell_one_by_one(self, database_url, cars, stage):
        """Starts what lays in the same for each number of a car that it reads, in a transaction of its own."""
        command = [self.program("bench-tools"), "tell", "--cars", cars, "--stage", stage, "--together", 1]
        log, pipe = self.folder / f"tell-{next(_count)}.log", subprocess.PIPE
        return Process(command, log, self.environment(database_url), stdin=pipe, output=pipe)

    def learn_costs(self, database_url):
        """Starts the command that learns what maintenance costs."""
        command = [self.program("autopaspoort"), "costs", "learn"]
        return Process(command, self.folder / f"learn-{next(_count)}.log", self.environment(database_url))

    def start(self, database_url, connections=None, workers=None, register=None, mail_server=None, pushing=False):
        """Starts the server under test, with its own defaults but for the limit of requests. `register` is the address of
        a vehicle register and how often a second it may be asked; without it the server asks none. `mail_server` is the
        address of one; without it mails become files. With `pushing` it sends push messages, to this machine too
        (tools/src/pushing.rs).
        """
        port = free_port()
        what = ["bench-tools", "pushing", "--push-contact", _CONTACT] if pushing else ["autopaspoort", "serve"]
        command = [
            self.program(what[0]),
            *what[1:],
            "--listen",
            f"127.0.0.1:{port}",
            "--database-connections",
            connections or self.settings.connections,
        ]
        if workers:
            command += ["--workers", workers]
        if register:
            command += ["--vehicle-register", register[0], "--vehicle-register-rate", register[1]]
        if mail_server:
            command += ["--smtp-url", mail_server]
        log = self.folder / f"server-{next(_count)}.log"
        process = Process(command + self.settings.server_args, log, self.environment(database_url))
        try:
            wait_until_answers(f"http://127.0.0.1:{port}/health/ready", process)
        except BaseException:
            process.end()
            raise
        return Server(process, port)

    def start_bare(self, headers, body):
        """Starts the bare server, which answers all with the same bytes."""
        number, port = next(_count), free_port()
        files = self.folder / f"bare-{number}.headers", self.folder / f"bare-{number}.body"
        kept = [f"{name}: {value}" for name, value in headers if name.lower() not in _OWN_HEADERS]
        files[0].write_text("\n".join(kept), encoding="latin-1")
        files[1].write_bytes(body)
        command = [
            self.program("bench-tools"),
            "bare",
            "--listen",
            f"127.0.0.1:{port}",
            "--workers",
            self.settings.cores,
            "--headers",
            files[0],
            "--body",
            files[1],
        ]
        process = Process(command, self.folder / f"bare-{number}.log")
        try:
            wait_until_answers(f"http://127.0.0.1:{port}/", process)
        except BaseException:
            process.end()
            raise
        return Server(process, port)
