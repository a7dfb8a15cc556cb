"""What the tail of the answers' times would be if nothing but the queue made one: requests that come at random times to
cores that take equally long for each."""

import heapq
import random

_REQUESTS = 200_000


def tail(cores, share, clients):
    """p99 / p50 on so many cores, of which `share` is asked for by clients that pause for a random (exponential) time
    between their requests. A request takes one core for one unit of time, first come first served."""
    chance, pause = random.Random(1), clients / (cores * share) - 1
    asking = [chance.expovariate(1 / pause) for _ in range(clients)]
    free = [0.0] * cores
    heapq.heapify(asking)
    heapq.heapify(free)
    times = []
    while len(times) < _REQUESTS:
        asked = heapq.heappop(asking)
        answered = max(asked, heapq.heappop(free)) + 1
        heapq.heappush(free, answered)
        heapq.heappush(asking, answered + chance.expovariate(1 / pause))
        times.append(answered - asked)
    times.sort()
    return times[_REQUESTS * 99 // 100] / times[_REQUESTS // 2]
