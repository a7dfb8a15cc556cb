"""What the measures share: settings, databases that are filled when first needed, a folder that is gone afterwards."""

import contextlib
import pathlib
import random
import shutil
import sys
import tempfile

import data
import fill
import learning
import processes
from postgres import Cluster
from processes import Failed
from progress import say
from server import Secret

_MOST_ON_SQLITE = 1_000_000  # cars


class Context:
    """One run of the bench."""

    def __init__(self, settings, cluster, folder):
        self.settings, self.cluster, self.folder = settings, cluster, pathlib.Path(folder)
        self.secret = Secret(settings, folder)
        self.shape = data.Shape(settings.cars)
        self.sqlite_shape = data.Shape(min(settings.cars, _MOST_ON_SQLITE))
        self._databases = {}
        self.learning = None  # what it took to learn the costs of the main database: seconds, and MB at the most

    def postgres(self, shape=None):
        """A PostgreSQL database with the data of a shape. By default as many cars as were asked for, with their
        history, from which costs are learned; of other shapes the cars alone, since no measure reads more of them, and so
        it is when sizes alone are compared, or the refresh alone is measured.
        """
        shape = shape or self.shape
        if shape.cars not in self._databases:
            database = self.cluster.create(f"cars_{shape.cars}")
            self.secret.migrate(database.url)
            history = shape.cars == self.shape.cars and self.settings.measures not in (["sizes"], ["refresh"])
            fill.postgres(self, database, shape, history)
            if history:
                # Else the first server would do so by itself, in the midst of a measure.
                self.learning = learning.learn(self, database)
            self._databases[shape.cars] = database
        return self._databases[shape.cars]

    def forget(self, shape):
        """Drops the database of a shape, for the sake of disk and memory."""
        self.cluster.drop(self._databases.pop(shape.cars).name)

    def sqlite(self):
        """The address of an SQLite database with as many cars as were asked for, but a million at most: row by row, ten
        million would take long.
        """
        file = self.folder / "bench.db"
        url = f"sqlite://{file}"
        if not file.exists():
            self.secret.migrate(url)
            fill.sqlite(self, file, self.sqlite_shape)
        return url

    def seconds_of_warming(self):
        return max(1, self.settings.seconds // 5)

    @property
    def threads(self):
        """How many threads wrk has."""
        return min(self.settings.cores, 2)

    def say_round(self, what, number):
        say(f"{what}: run {number + 1} of {self.settings.runs}")


@contextlib.contextmanager
def opened(settings):
    """A context with a folder that is gone afterwards, as is all that was started; what fails ends the program."""
    processes.end_with_signals()
    processes.allow_many_files()
    folder = tempfile.mkdtemp(prefix="autopaspoort-bench.")
    try:
        yield Context(settings, Cluster(), folder)
    except Failed as why:
        sys.exit(f"error: {why}")
    finally:
        processes.end_all()
        shutil.rmtree(folder, ignore_errors=True)


def typical(server, read, requests):
    """Of twenty answers the one whose length is nearest to their mean: headers and body."""
    drawn = random.Random(2).sample(requests.requests, min(20, len(requests.requests)))
    answers = [server.ask(request) for request in drawn]
    mean = sum(len(body) for _, _, body in answers) / len(answers)
    _, headers, body = min(answers, key=lambda answer: abs(len(answer[2]) - mean))
    return headers, body
