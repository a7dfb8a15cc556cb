"""The measures, in the order in which they are taken. Each is a name, what it measures, and a function from the context
to rows of the table. A new one is written in a file of its own and listed here."""

import reads

from measures import (
    accept,
    history,
    idlers,
    imports,
    limits,
    maintenance,
    overload,
    peers,
    photos,
    records,
    refresh,
    resources,
    sizes,
    slow_query,
    twins,
)

MEASURES = {
    "list": (
        "list of a fleet's cars against its limit, on both databases; latency at full and at 70 % load",
        limits.list_of_fleet(reads.ListOfFleet),
    ),
    "passport": ("one passport against its limit, on both databases", limits.read(reads.OnePassport)),
    "fleets": ("list of fleets with counts against its limit, on both databases", limits.read(reads.FleetsOfGarage)),
    "type-ahead": ("type-ahead of a fleet name against its limit, on both databases", limits.read(reads.FleetByTyping)),
    "expected": ("expected maintenance of one car, with costs, against its limit", maintenance.expected),
    "due": ("the first page of a large garage's cars by status and next due day", maintenance.due),
    "photos": ("photos of 12 megapixels, in and out: processor time and memory", photos.measure),
    "learn": ("learning costs from all records: duration, memory, and the list beside it", maintenance.learn),
    "sizes": ("the list at 10 thousand, 100 thousand, a million cars, ten million when CARS says so", sizes.measure),
    "resources": ("start to ready; memory at rest and under load", resources.measure),
    "twins": ("two processes on one PostgreSQL, each with half the connections", twins.measure),
    "peers": ("the list side by side with Fastify and FastAPI (only when it is named)", peers.measure),
    "idlers": ("bad moment: 2,000 idle connections and 200 slow readers", idlers.measure),
    "overload": ("bad moment: four times the load", overload.measure),
    "slow-query": ("bad moment: one connection waits for ten seconds", slow_query.measure),
    "refresh": ("the daily refresh of the vehicle register", refresh.measure),
    # Last, since they change the data that the others read.
    "records": ("adding a service record against the same statements by pgbench", records.measure),
    "accept": ("accepting a transfer against the same statements by pgbench", accept.measure),
    "import": ("importing cars with their customers, as streams of lines", imports.measure),
    "history": ("importing service records, as streams of lines", history.measure),
}

# Not taken unless ONLY names them: what they say does not change with our code, and the table shows what they said.
ON_REQUEST = {"peers"}
