"""The measures, in the order in which they are taken. Each is a name, what it measures, and a function from the context
to rows of the table. A new one is written in a file of its own and listed here."""

import reads

from measures import (
    accept,
    apk_export,
    history,
    idlers,
    imports,
    limits,
    mails,
    maintenance,
    overload,
    peers,
    photos,
    push,
    records,
    refresh,
    reminders,
    resources,
    sizes,
    slow_query,
    streams,
    twins,
    unread,
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
    "unread": ("how many notifications are unread against its limit", unread.measure),
    "apk-export": ("the APK list of a large garage as a file: rate and memory", apk_export.measure),
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
    "streams": ("5,000 open streams of notifications: memory, latency, and the list beside them", streams.measure),
    "reminders": ("a pass for reminders: rate, memory, what it reads, and what two servers make of it", reminders.measure),
    "mails": ("10,000 mails, and a mailing: rate, and what comes of them when the server is killed", mails.measure),
    "push": ("10,000 push messages: rate", push.measure),
    # Last, since they change the data that the others read.
    "records": ("adding a service record against the same statements by pgbench", records.measure),
    "accept": ("accepting a transfer against the same statements by pgbench", accept.measure),
    "import": ("importing cars with their customers, as streams of lines", imports.measure),
    "history": ("importing service records, as streams of lines", history.measure),
}

# Not taken unless ONLY names them: what they say does not change with our code, and the table shows what they said.
ON_REQUEST = {"peers"}
