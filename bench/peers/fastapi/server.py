"""The list of a fleet's cars by FastAPI and asyncpg, written as their documentation advises: a pool of connections made
in the lifespan, the signed-in account as a dependency, the answer written by orjson and returned as a response, so that
it is not validated once more.

From the environment: CONNECTIONS (to the database, of all workers together), WORKERS, PUBLIC_KEY (PEM), and what
libpq's programs take (PGHOST and so on). Run by `uvicorn --workers`.
"""

import base64
import os
import pathlib
from contextlib import asynccontextmanager

import asyncpg
import jwt
import orjson
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

LIMIT = 50
FOLDER = pathlib.Path(__file__).resolve().parent.parent
ACTOR, LIST = ((FOLDER / f"{name}.sql").read_text() for name in ("actor", "list"))
HEADERS = {
    "api-version": "0.1.0",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "vary": "Accept-Language, Authorization",
}
LAYOUTS = (
    "XX-99-99 99-99-XX 99-XX-99 XX-99-XX XX-XX-99 99-XX-XX 99-XXX-9 9-XXX-99 XX-999-X X-999-XX XXX-99-X X-99-XXX "
    "9-XX-999 999-XX-9"
).split(" ")
# Of each layout the places before which a dash stands.
DASHES = {layout.replace("-", ""): (layout.index("-"), layout.rindex("-") - 1) for layout in LAYOUTS}
MASK = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "X" * 26 + "9" * 10)


@asynccontextmanager
async def lifespan(app: FastAPI):
    size = max(1, int(os.environ["CONNECTIONS"]) // int(os.environ["WORKERS"]))
    async with asyncpg.create_pool(min_size=size, max_size=size) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)
bearer = HTTPBearer()


async def fleet_of(request: Request, sent: HTTPAuthorizationCredentials = Depends(bearer)):
    """The fleet of the account that the token's session stands for now."""
    try:
        claims = jwt.decode(sent.credentials, os.environ["PUBLIC_KEY"], algorithms=["EdDSA"], issuer="autopaspoort")
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    actor = await request.app.state.pool.fetchrow(ACTOR, claims["sid"])
    if actor is None:
        raise HTTPException(401)
    return actor["fleet_id"]


def shown(country, number):
    dashes = DASHES.get(number.translate(MASK)) if country == "NL" else None
    return f"{number[: dashes[0]]}-{number[dashes[0] : dashes[1]]}-{number[dashes[1] :]}" if dashes else number


def view(row):
    fleet, driver = row["fleet_id"], row["driver_id"]
    return {
        "id": str(row["id"]),
        "status": row["status"],
        "vehicleId": str(row["vehicle_id"]),
        "licencePlate": {
            "country": row["country"],
            "number": row["plate"],
            "shown": shown(row["country"], row["plate"]),
        },
        "make": row["make"],
        "model": row["model"],
        "year": row["year"],
        "fuel": row["fuel"],
        "vin": row["vin"],
        "odometerKm": row["odometer_km"],
        "garage": {"id": str(row["garage_id"]), "name": row["garage_name"]},
        "fleet": fleet and {"id": str(fleet), "name": row["fleet_name"]},
        "customer": None,  # the garage's record, not shown to a fleet
        "driver": driver
        and {"id": str(driver), "name": row["driver_name"], "email": row["driver_email"], "mobile": None},
        "owner": "fleet" if fleet else "driver" if driver else "nobody",
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }


@app.get("/v1/passports")
async def list_passports(request: Request, fleet=Depends(fleet_of)):
    rows = await request.app.state.pool.fetch(LIST, fleet, LIMIT + 1)
    more = len(rows) > LIMIT
    rows = rows[:LIMIT]
    cursor = None
    if more:
        cursor = base64.urlsafe_b64encode(orjson.dumps(str(rows[-1]["id"]))).decode().rstrip("=")
    body = orjson.dumps({"items": [view(row) for row in rows], "nextCursor": cursor}, option=orjson.OPT_UTC_Z)
    return Response(body, headers=HEADERS, media_type="application/json")
