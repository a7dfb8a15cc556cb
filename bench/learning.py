"""Learning what maintenance costs, by the server's own command."""

import time

from processes import Peak
from progress import say

_PATIENCE = 3600  # seconds


def learn(context, database):
    """Has the costs of this month learned: how many seconds it took, and how many MB of memory at the most."""
    began = time.monotonic()
    with context.secret.learn_costs(database.url) as process, Peak(process) as peak:
        process.wait(_PATIENCE)
    seconds = time.monotonic() - began
    say(f"learned costs in {seconds:.0f} s with {peak.most:.0f} MB: {process.last_words(400)}")
    return seconds, peak.most


_UNCHECKED = "-c session_replication_role=replica"  # groups name their snapshot's month


def forget(database):
    """Makes what was learned that of the month before, so that this month's can be learned again. Servers that run go on
    as they did: what is published is there, only older."""
    database.psql("""
        UPDATE cost_snapshots SET month = month - interval '1 month';
        UPDATE cost_groups SET month = month - interval '1 month';
    """, _UNCHECKED)


def restore(database):
    """Undoes what `forget` did, when learning anew was ended before it published anything."""
    database.psql("""
        DELETE FROM cost_groups WHERE month IN (SELECT month FROM cost_snapshots WHERE published_at IS NULL);
        DELETE FROM cost_snapshots WHERE published_at IS NULL;
        UPDATE cost_snapshots SET month = date_trunc('month', now() AT TIME ZONE 'UTC')::date;
        UPDATE cost_groups SET month = date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    """, _UNCHECKED)
