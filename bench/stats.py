"""Numbers of several runs: median and spread."""

import statistics


class Series:
    """One value from each run."""

    def __init__(self, values=()):
        self.values = list(values)

    def add(self, value):
        self.values.append(value)
        return value

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def spread(self):
        """From the least to the greatest, as a share of the median."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0

    def over(self, other):
        """The ratios, run by run: machines are noisy, but less so within one run."""
        return Series(mine / theirs for mine, theirs in zip(self.values, other.values))

    def as_json(self):
        return {"median": self.median, "spread": self.spread, "runs": self.values}


def limit(database_rate, web_rate):
    """What one request could reach if it cost no more than the database and the bare web server do together."""
    return 1 / (1 / database_rate + 1 / web_rate)


def limits(database_rates, web_rates):
    return Series(limit(*pair) for pair in zip(database_rates.values, web_rates.values))
