"""Names and plates of the generated data, so far as requests are made of them: Dutch, readable, and valid for the product's
own checks. `bench-tools fill` makes the data itself of the same lists, which data.json holds.

Everything is computed from a running number, so that the same size always gives the same data, and so that pgbench can
compute the same values (`PLATE_LETTERS`, `PLATE_STEP`).
"""

import json
import pathlib
import unicodedata

_SHARED = json.loads(pathlib.Path(__file__).with_name("data.json").read_text(encoding="utf-8"))

FIRST_NAMES, LAST_NAMES = _SHARED["firstNames"], _SHARED["lastNames"]
PLACES = _SHARED["places"]  # each with the digits of a postcode

# One trade for each of a garage's ten fleets. Their first three letters differ, and no word of a last name begins with
# them, so that what is typed finds one fleet.
TRADES = _SHARED["trades"]

# The letters that Dutch plates use: no vowels, nothing that reads as another letter.
PLATE_LETTERS = _SHARED["plates"]["letters"]
PLATES = len(PLATE_LETTERS) ** 4 * 100
PLATE_STEP, PLATE_START = _SHARED["plates"]["step"], _SHARED["plates"]["start"]


def search_key(text):
    """The form in which names are searched, as domain::value::search_key makes it."""
    folded = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in "".join(folded).lower()).split())


def plate(number):
    """A licence plate of the layout `XXX-99-X` in its normal form: `KLM42B`.

    A step without a common factor visits each plate once, in an order that looks like none.
    """
    letters = PLATE_LETTERS
    rest, last = divmod((number * PLATE_STEP + PLATE_START) % PLATES, len(letters))
    rest, digits = divmod(rest, 100)
    rest, third = divmod(rest, len(letters))
    first, second = divmod(rest, len(letters))
    return f"{letters[first]}{letters[second]}{letters[third]}{digits:02}{letters[last]}"
