"""A mail server that notes each letter that it took, fails now and then as mail servers do, and says at each step of a letter
who sends it, so that the sender can be killed at exactly that moment."""

import email
import email.policy
import socketserver
import threading
from collections import defaultdict

# The steps of a letter at which a sender can be killed: its recipient was named, it was read whole and nothing was said yet, it
# was accepted.
STEPS = ["recipient", "read", "accepted"]
# How a letter fails, and out of a hundred how many do: refused for now before and after it was read, cut off in the middle, and
# read whole without an answer. Of the last one nobody but this server can know that it arrived.
FAILURES = {"greylisted": 8, "busy": 4, "cut_off": 3, "no_answer": 4}


class Letter:
    """A letter that arrived."""

    def __init__(self, to, content):
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.to, self.id, self.subject = to, message["Message-ID"], message["Subject"]
        self.text = message.get_body(("plain",)).get_content()


class MailServer:
    """It has a port for each sender. `at_step` is called with the step and the sender."""

    def __init__(self, random, senders):
        self._random, self._lock = random, threading.Lock()
        self._letters = []
        self.fails, self.failures = False, defaultdict(int)
        self.at_step = lambda step, sender: None
        self.ports = [self._listen(sender) for sender in range(senders)]

    def _listen(self, sender):
        server = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    server.converse(self, sender)
                except OSError:
                    pass  # the sender is gone

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 50

        listener = Listener(("127.0.0.1", 0), Conversation)
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        return listener.server_address[1]

    def letters(self):
        """All that arrived, the oldest first."""
        with self._lock:
            return list(self._letters)

    def _choose_failure(self):
        with self._lock:
            chance = self._random.randrange(100)
            for failure, share in FAILURES.items() if self.fails else ():
                if chance < share:
                    self.failures[failure] += 1
                    return failure
                chance -= share
        return None

    def converse(self, connection, sender):
        """One connection."""

        def say(line):
            connection.wfile.write(f"{line}\r\n".encode())

        to = failure = None
        say("220 sink")
        for line in connection.rfile:
            command = line.split(b":")[0].split()[0].upper() if line.strip() else b""
            if command == b"EHLO":
                say("250-sink\r\n250 8BITMIME")
            elif command == b"RCPT":
                to, failure = line.split(b"<")[1].split(b">")[0].decode(), self._choose_failure()
                self.at_step("recipient", sender)
                say("450 4.2.0 come back later" if failure == "greylisted" else "250 ok")
            elif command == b"DATA":
                say("354 go on")
                content = self._read(connection, failure)
                if content is None:
                    return
                if failure == "busy":
                    say("451 4.3.0 busy")
                    continue
                # Whatever becomes of the answer, and of who waits for it.
                with self._lock:
                    self._letters.append(Letter(to, content))
                self.at_step("read", sender)
                if failure == "no_answer":
                    return
                say("250 2.0.0 taken")
                self.at_step("accepted", sender)
            elif command == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")

    @staticmethod
    def _read(connection, failure):
        """A letter; none when it was cut off."""
        lines = []
        for line in connection.rfile:
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
            if failure == "cut_off" and len(lines) > 10:
                return None
        return None
