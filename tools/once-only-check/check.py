"""Proves that a mailing mails nobody twice and that a mail that matters arrives, though servers are killed at random moments.

Two real servers with one database send reminders, links of accounts and APK mailings to a mail server that fails now and then.
In each round one of them or both are killed with SIGKILL: at a step of a letter that is on its way, or at any moment. Then they
are started again, eleven minutes later by their clock (shift_clock.c), when the jobs of a killed server are free again. In the end
they run undisturbed until nothing is left to do, and then what arrived is compared with what the server says of it.

  check.py [--rounds N] [--seed SEED] PROGRAM

The address of the database is in DATABASE_URL, and the library made of shift_clock.c in SHIFT_CLOCK. How long something takes decides
nothing but when a run that hangs is given up. The exit status is 1 when something is wrong.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from datetime import datetime, timedelta, timezone

from mail_server import STEPS, MailServer

PASSWORD = "vier blije fietsen op dinsdag"
# A Monday, half past eight in the morning at the garage.
BEGIN = datetime(2026, 3, 2, 7, 30, tzinfo=timezone.utc)
# A job whose server was killed is free again after ten minutes.
BETWEEN = 11 * 60
# Rounds beyond it would reach the evening, when nobody is written to.
MOST_ROUNDS = 30
# How many of each there are in a round.
MAILED, REMINDED, INVITED = 12, 3, 3
PATIENCE = 120


def fail(text):
    raise SystemExit(f"error: {text}")


class Server:
    """A server process; its number is also that of its port at the mail server."""

    def __init__(self, game, number):
        self.game, self.number = game, number
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = ["serve", "--listen", f"127.0.0.1:{self.port}", "--public-url", "http://autopaspoort.example",
                   "--smtp-url", f"smtp://127.0.0.1:{game.mail.ports[number]}", "--mail-from", "mail@autopaspoort.example",
                   "--requests-per-minute", "0", "--vehicle-register", "off"]
        self.process = game.start(command)

    def wait_until_ready(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                fail(f"server {self.number} ended by itself:\n{self.game.log.read_text()[-3000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5):
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        fail(f"server {self.number} was not ready within {PATIENCE} s")

    def kill(self):
        """Kills it, if it runs still; whether it did."""
        ran = self.process.poll() is None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return ran

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(PATIENCE) != 0:
            fail(f"server {self.number} did not end well:\n{self.game.log.read_text()[-3000:]}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Killer:
    """Kills servers at one moment: when one of them is so far with a letter for the so manieth time, or after a while."""

    def __init__(self, chance, servers):
        self._lock, self.done, self.killed = threading.Lock(), threading.Event(), 0
        self.victims = chance.choice([[servers[0]], [servers[1]], servers])
        self.step = chance.choice([*STEPS, *STEPS, "any"])
        self._left = chance.randrange(1, 16)
        self._pause = chance.choice([0, 0, chance.uniform(0, 0.03)])
        self._timer = threading.Timer(chance.uniform(0, 1.5), self._kill) if self.step == "any" else None

    def arm(self):
        if self._timer:
            self._timer.daemon = True
            self._timer.start()

    def __str__(self):
        which = "both" if len(self.victims) == 2 else f"server {self.victims[0].number}"
        return f"{which} at {self.step}"

    def at_step(self, step, sender):
        if step != self.step or sender not in [victim.number for victim in self.victims]:
            return
        with self._lock:
            self._left -= 1
            is_time = self._left == 0
        if is_time:
            time.sleep(self._pause)
            self._kill()

    def _kill(self):
        self.killed = sum(victim.kill() for victim in self.victims)
        self.done.set()


class Call:
    """A request that is made until it has an answer, with a key so that it is done once."""

    def __init__(self, method, path, body, headers=None):
        self.method, self.path, self.body = method, path, body
        self.headers = {"Idempotency-Key": f"{random.getrandbits(128):032x}", **(headers or {})}


class Game:
    def __init__(self, program, rounds, seed, folder):
        self.program, self.rounds, self.chance = program, rounds, random.Random(seed)
        self.folder, self.log = pathlib.Path(folder), pathlib.Path(folder, "servers.log")
        self.mail = MailServer(random.Random(seed + 1), 2)
        self.real_begin, self.passed = time.time(), 0
        self.processes = []
        self.token, self.waiting, self.kills, self.plates = None, [], 0, 0
        self.mailings, self.mailed, self.cars, self.drivers, self.invited = [], {}, defaultdict(list), defaultdict(list), []

    # The processes and their clock.

    def start(self, command):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AUTOPASPOORT_")}
        ahead = BEGIN.timestamp() - self.real_begin + self.passed
        environment |= {"LD_PRELOAD": os.environ["SHIFT_CLOCK"], "CLOCK_AHEAD": str(round(ahead))}
        command = [self.program, *command, "--data-dir", str(self.folder), "--database-url", os.environ["DATABASE_URL"],
                   "--log", "warn"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def end_all(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def run(self, *command):
        """A command of the operator."""
        process = self.start(list(command))
        if process.wait(PATIENCE) != 0:
            fail(f"{command} failed:\n{self.log.read_text()[-3000:]}")

    def start_both(self):
        servers = [Server(self, 0), Server(self, 1)]
        for server in servers:
            server.wait_until_ready()
        return servers

    # Requests.

    def ask(self, server, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"{server.url}/v1{path}", data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                content = answer.read()
                return answer.headers, json.loads(content) if content.startswith(b"{") else content
        except urllib.error.HTTPError as refused:
            fail(f"{method} {path} was answered {refused.code} {refused.read()[:500]}")

    def items(self, server, path):
        cursor = ""
        while cursor is not None:
            page = self.ask(server, "GET", f"{path}?limit=100{cursor and '&cursor=' + cursor}")[1]
            yield from page["items"]
            cursor = page["nextCursor"]

    def sign_in(self, server):
        self.token = None
        body = {"email": "admin@garage.example", "password": PASSWORD}
        self.token = self.ask(server, "POST", "/auth/login", body)[1]["accessToken"]

    def catch_up(self, servers):
        """Makes the requests that have no answer yet, as long as there is a server that answers."""
        while self.waiting:
            call = self.waiting[0]
            for server in servers:
                try:
                    self.ask(server, call.method, call.path, call.body, call.headers)
                    self.waiting.pop(0)
                    break
                except (OSError, http.client.HTTPException):
                    continue  # it was killed
            else:
                return

    # What there is to be mailed about.

    def plate(self):
        letters, number = "BDFGHJKLNPRSTVXZ", self.plates
        self.plates += 1
        return f"{letters[number // 16000 % 16]}{letters[number // 1000 % 16]}-{number % 1000:03}-B"

    def link_for(self, address):
        """The token of the link that was mailed to an address."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for letter in self.mail.letters():
                found = re.search(r"/invitation#([\w-]+)", letter.text) if letter.to == address else None
                if found:
                    return found[1]
            time.sleep(0.02)
        fail(f"no link was mailed to {address}")

    def set_up(self):
        self.run("garage", "create", "--name", "Garage De Vries", "--admin-name", "Sanne de Boer", "--admin-email", "admin@garage.example")
        server = Server(self, 0)
        server.wait_until_ready()
        accept = {"token": self.link_for("admin@garage.example"), "password": PASSWORD, "name": "Sanne de Boer"}
        self.ask(server, "POST", "/invitations/accept", accept)
        self.sign_in(server)
        for number in range(self.rounds):
            self.make_mailing(server, number)
            self.make_drivers(server, number)
        server.end()

    def make_mailing(self, server, number):
        """A mailing about cars of which nobody else is told, all of which expire on a day of their own."""
        day = (BEGIN + timedelta(days=50 + number)).date().isoformat()
        lines = []
        for car in range(MAILED):
            address, plate = f"mailing-{number}-{car}@customers.example", self.plate()
            source = {"how": "sale_or_service", "on": "2025-11-03", "objectionOffered": True}
            body = {"kind": "person", "name": f"Klant {number} {car}", "email": address, "emailSource": source}
            customer = self.ask(server, "POST", "/customers", body)[1]["id"]
            lines.append(json.dumps({"licencePlate": {"number": plate}, "customerId": customer, "make": "Volkswagen"}))
            self.mailed[address] = number
        media = {"Content-Type": "application/x-ndjson"}
        self.ask(server, "POST", "/passport-imports", "\n".join(lines).encode(), media)
        for line in lines:
            plate = json.loads(line)["licencePlate"]["number"]
            car = self.ask(server, "GET", f"/passports?plate={plate}")[1]["items"][0]["id"]
            self.ask(server, "POST", f"/passports/{car}/apk/entries", {"expiresOn": day})
        draft = {"subject": "De APK van {{kenteken}} verloopt", "body": "Beste {{naam}},\n\nBelt u ons op {{telefoon}}?",
                 "selection": {"expiresFrom": day, "expiresUntil": day}}
        head, made = self.ask(server, "POST", "/apk-mailings", draft)
        self.mailings.append((f"/apk-mailings/{made['id']}", head["ETag"]))

    def make_drivers(self, server, number):
        for driver in range(REMINDED):
            address = f"driver-{number}-{driver}@customers.example"
            customer = {"kind": "person", "name": f"Bestuurder {number} {driver}", "email": address}
            body = {"licencePlate": {"number": self.plate()}, "customer": customer}
            car = self.ask(server, "POST", "/passports", body)[1]["id"]
            admin, self.token = self.token, None
            accept = {"token": self.link_for(address), "password": PASSWORD, "name": customer["name"]}
            self.ask(server, "POST", "/invitations/accept", accept)
            self.token = admin
            self.cars[number].append(car)
            self.drivers[number].append(address)

    # The rounds.

    def calls(self, number):
        """What is asked for in a round: a mailing, reminders, and links of accounts."""
        path, tag = self.mailings[number]
        yield Call("POST", f"{path}/schedule", {}, {"If-Match": tag})
        day = (BEGIN + timedelta(days=40)).date().isoformat()
        for car, address in zip(self.cars[number], self.drivers[number]):
            yield Call("POST", f"/passports/{car}/apk/entries", {"expiresOn": day})
            yield Call("POST", "/auth/password-reset", {"email": address})
        for guest in range(INVITED):
            address = f"invited-{number}-{guest}@customers.example"
            self.invited.append(address)
            customer = {"kind": "person", "name": f"Gast {number} {guest}", "email": address}
            yield Call("POST", "/passports", {"licencePlate": {"number": self.plate()}, "customer": customer})

    def play(self, number):
        servers = self.start_both()
        self.sign_in(servers[0])
        killer = Killer(self.chance, servers)
        calls = list(self.calls(number))
        self.chance.shuffle(calls)
        self.waiting += calls
        self.mail.at_step, self.mail.fails = killer.at_step, True
        killer.arm()
        self.catch_up(servers)
        self.wait_while_letters_come(killer)
        self.mail.at_step = lambda step, sender: None
        kills = killer.killed + sum(server.kill() for server in servers)
        self.kills += kills
        self.passed += BETWEEN
        print(f"round {number + 1}: {killer}, {len(self.mail.letters())} letters so far", flush=True)

    def wait_while_letters_come(self, killer):
        """Until servers were killed and what is left of them had its time; or until no more letters come."""
        seen, last = -1, time.monotonic()
        while time.monotonic() < last + 1.5:
            if killer.done.wait(0.05):
                time.sleep(self.chance.choice([0, self.chance.uniform(0, 0.5)]))
                return
            if len(self.mail.letters()) != seen:
                seen, last = len(self.mail.letters()), time.monotonic()

    @staticmethod
    def jobs(server):
        """How many jobs there are, each with its labels in the metrics: its kind and state."""
        with urllib.request.urlopen(f"{server.url}/metrics", timeout=PATIENCE) as answer:
            counts = re.findall(r"^jobs\{([^}]*)\} (\d+)", answer.read().decode(), re.MULTILINE)
        if not counts:
            fail("the metrics do not count jobs")
        return {labels: int(count) for labels, count in counts}

    def left(self, server):
        """How many jobs there are that are not dead."""
        return sum(count for labels, count in self.jobs(server).items() if 'state="dead"' not in labels)

    def dead(self, server):
        """The kinds of jobs that are dead."""
        dead = [labels for labels, count in self.jobs(server).items() if 'state="dead"' in labels and count > 0]
        return {re.search(r'kind="(\w+)"', labels)[1] for labels in dead}

    def finish(self):
        """Lets the servers work until nothing is left to do; returns one that runs. Each start is eleven minutes later, so that
        what waits for its time comes."""
        self.mail.fails = False
        for _ in range(40):
            servers = self.start_both()
            self.sign_in(servers[0])
            self.catch_up(servers)
            if self.waiting:
                fail("requests were not answered")
            left, changed = None, time.monotonic()
            while left != 0 and time.monotonic() < changed + 2:
                time.sleep(0.1)
                before, left = left, self.left(servers[0])
                if left != before:
                    changed = time.monotonic()
            servers[1].end()
            # Once more, since housekeeping at a start can find something to do, such as a reminder.
            if left == 0 and self.all_settled(servers[0]):
                return servers[0]
            servers[0].end()
            self.passed += BETWEEN
        fail("there is still something to do")

    def all_settled(self, server):
        to = {letter.to for letter in self.mail.letters() if letter.subject.startswith("De APK van")}
        reminded = all(address in to for addresses in self.drivers.values() for address in addresses)
        return reminded and all(self.ask(server, "GET", path)[1]["status"] == "sent" for path, _ in self.mailings)

    # What it comes to.

    def judge(self, server):
        letters = defaultdict(list)
        for letter in self.mail.letters():
            letters[letter.to].append(letter)
        outcomes = self.judge_mailings(server, letters)
        copies = 0
        for address in [address for addresses in self.drivers.values() for address in addresses]:
            copies += self.arrived(address, [one for one in letters[address] if one.subject.startswith("De APK van")])
            # A request for a link that was answered twice makes two links, so the second mail may be another one.
            resets = [one for one in letters[address] if "wachtwoord" in one.subject]
            for each in {one.id for one in resets} or {None}:
                copies += self.arrived(address, [one for one in resets if one.id == each])
        for address in self.invited:
            copies += self.arrived(address, letters[address])
        if dead := self.dead(server) - {"mailing_letter"}:
            fail(f"jobs are dead: {dead}")
        if self.kills < self.rounds:
            fail("fewer servers were killed than there were rounds")
        told = ", ".join(f"{many} {outcome}" for outcome, many in sorted(outcomes.items()))
        failed = ", ".join(f"{many} {failure}" for failure, many in sorted(self.mail.failures.items()))
        print(f"{self.rounds} rounds, {self.kills} servers killed, letters that failed: {failed}; mails of mailings: {told}, none "
              f"twice; {copies} second copies of other mails, each the same", flush=True)

    @staticmethod
    def arrived(address, letters):
        """How many copies too many there are of a mail that must have arrived."""
        if not letters:
            fail(f"a mail to {address} never arrived")
        if len({letter.id for letter in letters}) != 1:
            fail(f"{address} got different mails in place of copies: {[letter.id for letter in letters]}")
        return len(letters) - 1

    def judge_mailings(self, server, letters):
        for address in self.mailed:
            if len(letters[address]) > 1:
                fail(f"a mailing mailed {address} {len(letters[address])} times")
        outcomes, seen = defaultdict(int), set()
        for path, _ in self.mailings:
            for one in self.items(server, f"{path}/recipients"):
                address, outcome = one["email"], one["outcome"]
                arrived = len(letters[address])
                if outcome not in ("sent", "unknown") or (outcome == "sent" and arrived != 1):
                    fail(f"the mail to {address} is {outcome}, and {arrived} arrived")
                outcomes[f"{outcome} that arrived" if arrived else f"{outcome} that did not arrive"] += 1
                seen.add(address)
        if seen != set(self.mailed):
            fail(f"the mailings do not list {set(self.mailed) - seen}")
        return outcomes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, MOST_ROUNDS + 1), metavar="N")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        game = Game(given.program, given.rounds, given.seed, folder)
        try:
            game.set_up()
            for number in range(given.rounds):
                game.play(number)
            server = game.finish()
            game.judge(server)
            server.end()
        except SystemExit as stopped:
            print(stopped, file=sys.stderr)
            raise SystemExit(f"error: with --rounds {given.rounds} --seed {given.seed}") from None
        finally:
            game.end_all()


if __name__ == "__main__":
    main()
