"""The number of unread notifications, as apps ask for it again and again, against its limit: of drivers who have read some and
others not."""

from reads import UnreadCount

from measures.limits import read

_UNREAD, _READ = 3, 5  # notifications of each driver


def measure(context):
    database, count = context.postgres(), UnreadCount(context.shape).count
    database.psql("TRUNCATE notifications")
    for stage, times in (("unread", _UNREAD), ("read", _READ)):
        for _ in range(times):
            context.secret.tell(database.url, context.shape.cars, stage, range(count))
    database.psql("VACUUM ANALYZE notifications, events, event_streams; CHECKPOINT")
    rows = read(UnreadCount)(context)
    database.psql("TRUNCATE notifications")
    return rows
