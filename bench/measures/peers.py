"""The list of a fleet's cars side by side with two well-known frameworks, in the same run: the same tokens, the same
look at the session in the database, the same JSON. bench/peers holds them, written as their own documentation
advises."""

import base64
import contextlib
import json
import re
import time
import urllib.request

import load
import report
from processes import Failed, Process, free_port
from reads import ListOfFleet
from server import Server
from settings import ROOT
from stats import Series

_FOLDER = ROOT / "bench" / "peers"
_ED25519 = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of a public key (RFC 8410)
_PROCESSES = 2
_WARMING = 6  # seconds, once: JavaScript is compiled while it runs
_TARGETS = {"Fastify": 1.5, "FastAPI": 4}


def _public_key(server):
    """The key that the server signs with, as PEM."""
    with urllib.request.urlopen(f"{server.url}/.well-known/jwks.json", timeout=10) as answer:
        key = json.load(answer)["keys"][0]["x"]
    der = base64.b64encode(_ED25519 + base64.urlsafe_b64decode(key + "=")).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n"


def _start(context, name, command, folder, port, database, key):
    environment = {
        **database.environment(),
        "PORT": str(port),
        "PROCESSES": str(_PROCESSES),
        "WORKERS": str(_PROCESSES),
        "CONNECTIONS": str(context.settings.connections),
        "PUBLIC_KEY": key,
        "NODE_ENV": "production",
    }
    process = Process(["env", f"--chdir={folder}", *command], context.folder / f"{name}.log", environment)
    return Server(process, port)


def fastify(context, database, key):
    port = free_port()
    return _start(context, "Fastify", ["node", "server.js"], _FOLDER / "fastify", port, database, key)


def fastapi(context, database, key):
    port, programs = free_port(), context.settings.output / "venv" / "bin"
    command = [
        programs / "python",
        "-m",
        "uvicorn",
        "server:app",
        "--host",
        "127.0.0.1",
        "--port",
        port,
        "--workers",
        _PROCESSES,
        "--no-access-log",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
    ]
    return _start(context, "FastAPI", command, _FOLDER / "fastapi", port, database, key)


def _same(ours, theirs):
    """Whether two bodies say the same; fractions of a second may be written out or not."""

    def normal(body):
        return json.loads(re.sub(rb"\.0+Z\"", b'Z"', body))

    return normal(ours) == normal(theirs)


def _demand_same(server, peer, name, request):
    """Waits until the peer answers, and compares the answer with ours."""
    for _ in range(200):
        try:
            status, _, body = peer.ask(request)
            break
        except OSError:
            if peer.process.popen.poll() is not None:
                break
            time.sleep(0.1)
    else:
        raise Failed(f"{name} did not answer within 20 s: {peer.process.last_words()}")
    if peer.process.popen.poll() is not None:
        raise Failed(f"{name} ended: {peer.process.last_words()}")
    if status != 200 or not _same(server.ask(request)[2], body):
        raise Failed(f"{name} answers something else ({status}): {body[:300]} {peer.process.last_words()}")


def measure(context):
    settings, database = context.settings, context.postgres()
    read, peers = ListOfFleet(context.shape), {"Fastify": fastify, "FastAPI": fastapi}
    rates = {name: Series() for name in ("ours", *peers)}
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(context.secret.start(database.url))
        key, requests = _public_key(ours), read.requests(context, database.url)
        servers = {"ours": ours}
        for name, start in peers.items():
            servers[name] = stack.enter_context(start(context, database, key))
            _demand_same(ours, servers[name], name, requests.requests[0])
            load.send(servers[name].url, requests, _WARMING, settings.clients, context.threads).demand_all_good()
        for number in range(settings.runs):
            context.say_round("side by side", number)
            requests = read.requests(context, database.url)
            for name, server in servers.items():
                rates[name].add(_rate(context, server, requests))
    details = {f"{name}_per_second": series.as_json() for name, series in rates.items()}
    return [
        report.value_row(
            "peers",
            f"the list: ours / {name} ({rates[name].median:,.0f}/s)",
            rates["ours"].over(rates[name]),
            "at least",
            _TARGETS[name],
            details,
        )
        for name in peers
    ]


def _rate(context, server, requests):
    settings = context.settings
    load.send(server.url, requests, context.seconds_of_warming(), settings.clients, context.threads)
    return load.send(server.url, requests, settings.seconds, settings.clients, context.threads).demand_all_good().rate
