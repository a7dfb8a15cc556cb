"""Uses the generated Python client: every module is imported, answers of tomorrow are read, and a garage's adviser works
with a live server through it. Every step that fails is told; the exit status is 1 when one did.

  story.py TOMORROW-JSON    the address of the server in AUTOPASPOORT_URL; the package `autopaspoort` in PYTHONPATH
"""

import importlib
import json
import os
import pkgutil
import sys
import traceback
import uuid
import warnings

# What a client's author would see at every start.
warnings.simplefilter("error")

EMAIL = "balie@garage-devries.example"
PASSWORD = "Welkom-bij-AutoPaspoort-2019"
failures = []


def step(work):
    """Runs `work` at once, and notes what went wrong in it. What it returns takes the place of its name."""
    title = work.__doc__.splitlines()[0]
    try:
        result = work()
    except Exception:
        failures.append(title)
        error = traceback.format_exc(limit=-3)
        print(f"  FAILED  {title}\n" + "".join(f"          {line}\n" for line in error[-1500:].splitlines()), end="")
        return None
    print(f"  ok      {title}")
    return result


def same(found, expected):
    if found != expected:
        raise AssertionError(f"{found!r} instead of {expected!r}")


def word(value):
    """A word of a list that may grow: a string in most clients, an enum where the document closes the list."""
    return getattr(value, "value", value)


@step
def _():
    """every module can be imported, without a warning"""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        package = importlib.import_module("autopaspoort")
        for module in pkgutil.walk_packages(package.__path__, "autopaspoort."):
            importlib.import_module(module.name)
    for one in caught:
        print(f"          {one.filename}:{one.lineno}: {one.message}")
    same(len(caught), 0)


import autopaspoort as client  # noqa: E402
from autopaspoort.rest import ApiException  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    tomorrow = json.load(file)


@step
def _():
    """answers with values and properties that are added later can still be read"""
    unread = {}
    for name, answer in tomorrow.items():
        model = getattr(client, name.replace("_", ""), None)
        if model is None:
            unread[name] = "there is no such class"
            continue
        try:
            model.from_dict(answer)
        except ValueError as error:
            unread[name] = " ".join(str(error).split())[:160]
    for name, error in unread.items():
        print(f"          {name}: {error}")
    same(len(unread), 0)


configuration = client.Configuration(host=os.environ["AUTOPASPOORT_URL"] + "/v1")
api = client.ApiClient(configuration)
passports = client.PassportsApi(api)


def refused(status, code, call):
    try:
        call()
    except ApiException as error:
        same(error.status, status)
        same(type(error.data), client.Problem)
        same(word(error.data.code), code)
        return error.data
    raise AssertionError(f"{code} was expected")


def shown(status):
    """What an app shows: the last case is for statuses that did not exist when it was written."""
    match word(status):
        case "invited":
            return "waits for its driver"
        case "active":
            return "in use"
        case "archived":
            return "put away"
        case other:
            return other


@step
def _():
    """signs in"""
    login = client.Login(email=EMAIL, password=PASSWORD)
    tokens = client.AuthApi(api).login(login)
    same(word(tokens.account.kind), "staff")
    configuration.access_token = tokens.access_token


@step
def _():
    """lists passports, page after page"""
    page = passports.list_passports(limit=2)
    same(len(page.items), 2)
    same(shown(page.items[0].status), "in use")
    following = passports.list_passports(limit=2, cursor=page.next_cursor)
    assert {one.id for one in page.items}.isdisjoint(one.id for one in following.items)


@step
def _():
    """an item of a list is the same type as the thing by itself"""
    same(type(passports.list_passports(limit=1).items[0]), client.Passport)


def new_passport(plate):
    return client.NewPassport(
        licence_plate=client.PlateInput(number=plate, country="DE"),
        make="Volkswagen",
        model="Kombi",
        year=2013,
        fuel="diesel",
        customer=client.NewCustomer(kind="person", name="Petra Python", email="petra@python.example"),
    )


@step
def made():
    """makes a passport, and a repeat with the same key makes no second one"""
    key = str(uuid.uuid4())
    first = passports.create_passport(new_passport("P PY 1"), idempotency_key=key)
    again = passports.create_passport(new_passport("P PY 1"), idempotency_key=key)
    same(first.id, again.id)
    return first


@step
def etag():
    """gets it with its ETag"""
    answer = passports.get_passport_with_http_info(made.id)
    same(answer.data.make, "Volkswagen")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return headers["etag"]


@step
def _():
    """changes one property with If-Match, and clears another"""
    change = client.UpdatePassport(model="Transporter", make=None)
    changed = passports.update_passport(made.id, etag, change)
    same((changed.model, changed.make, changed.year, word(changed.fuel)), ("Transporter", None, 2013, "diesel"))


@step
def _():
    """is told of a change in between"""
    change = client.UpdatePassport(model="Caddy")
    refused(412, "precondition_failed", lambda: passports.update_passport(made.id, etag, change))


@step
def _():
    """is told everything that is wrong with what it sent"""
    wrong = client.NewPassport(licence_plate=client.PlateInput(number="12345", country="NL"))
    problem = refused(400, "invalid_request", lambda: passports.create_passport(wrong))
    assert problem.errors and all(one.code and one.detail for one in problem.errors)


@step
def _():
    """filters a list by a word"""
    found = passports.list_passports(search="P PY", status=["invited"])
    same([one.id for one in found.items], [made.id])


@step
def _():
    """imports lines"""
    lines = [new_passport("P PY 2").to_json(), new_passport("P PY 3").to_json(), '{"make":"Opel"}']
    result = passports.import_passports("\n".join(lines).encode())
    same((result.made, result.refused), (2, 1))
    same(word(result.refused_lines[0].problem.code), "invalid_request")


sys.exit(f"Python: {len(failures)} steps failed" if failures else 0)
