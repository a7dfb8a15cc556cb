"""Names, plates and e-mails of the generated data: Dutch, readable, and valid for the product's own checks.

Everything is computed from a running number, so that the same size always gives the same data, and so that pgbench can
compute the same values (`PLATE_LETTERS`, `plate_parts`).
"""

import unicodedata

FIRST_NAMES = (
    "Anna Bram Carlijn Daan Emma Fatima Gijs Hanna Ivo Julia Kees Lotte Mehmet Noor Olaf Pien Quinten Roos Sem Tess "
    "Umut Vera Willem Xandra Youssef Zoë Bas Chantal Dirk Elif Femke Guus Hülya Isa Joris Klaas Lieke Mila Niels Ömer "
    "Puck"
).split(" ")

LAST_NAMES = (
    "de Jong|Jansen|de Vries|van den Berg|van Dijk|Visser|Smit|Meijer|de Boer|Mulder|de Groot|Vos|Peters|Hendriks|"
    "van Leeuwen|Dekker|Dijkstra|Kuipers|Verhoeven|van der Meer|Yılmaz|Kaya|El Amrani|Hoekstra|Prins|Blom|Huisman|"
    "Postma|Gerritsen|van Vliet|Snijders|de Wit|Timmermans|Jacobs|Maas|Vermeulen|van der Linden|Kramer|Willems|Stam|"
    "Evers|Bosch|Molenaar|Koster|Martens|Sanders|Hermans|Kok|Hofman|Geerts"
).split("|")

# One trade for each of a garage's ten fleets. Their first three letters differ, and no word of a last name begins with
# them, so that what is typed finds one fleet.
TRADES = (
    "Bakkerij",
    "Aannemer",
    "Installatiebedrijf",
    "Thuiszorg",
    "Loodgieter",
    "Schildersbedrijf",
    "Koeriersdienst",
    "Hoveniersbedrijf",
    "Dakdekker",
    "Glaszetter",
)

GARAGE_KINDS = ("Garage", "Autobedrijf", "Autoservice", "Garagebedrijf", "Autocentrum", "Autohuis", "APK-station")

PLACES = (
    ("Utrecht", 3511),
    ("Zwolle", 8011),
    ("Breda", 4811),
    ("Arnhem", 6811),
    ("Leeuwarden", 8911),
    ("Haarlem", 2011),
    ("Eindhoven", 5611),
    ("Groningen", 9711),
    ("Maastricht", 6211),
    ("Den Haag", 2511),
    ("Amersfoort", 3811),
)

STREETS = ("Dorpsstraat", "Kerkstraat", "Stationsweg", "Molenweg", "Schoolstraat", "Industrieweg", "Beukenlaan")

# make, model, fuel
CARS = (
    ("Volkswagen", "Golf", "petrol"),
    ("Renault", "Kangoo", "diesel"),
    ("Peugeot", "e-208", "electric"),
    ("Toyota", "Yaris", "hybrid_petrol"),
    ("Opel", "Corsa", "petrol"),
    ("Ford", "Transit Custom", "diesel"),
    ("Kia", "Niro", "electric"),
    ("Volvo", "V60", "hybrid_petrol"),
    ("Škoda", "Octavia", "petrol"),
    ("Citroën", "Berlingo", "diesel"),
    ("Tesla", "Model 3", "electric"),
    ("Mercedes-Benz", "Sprinter", "diesel"),
    ("Hyundai", "i20", "petrol"),
)

# The letters that Dutch plates use: no vowels, nothing that reads as another letter.
PLATE_LETTERS = "BDFGHJKLMNPRSTVWXZ"
PLATES = len(PLATE_LETTERS) ** 4 * 100
PLATE_STEP, PLATE_START = 7_368_787, 1_234_567

STAFF_ROLES = ("admin", "advisor", "mechanic")


def search_key(text):
    """The form in which names are searched, as domain::value::search_key makes it."""
    folded = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in "".join(folded).lower()).split())


def person(number):
    """A person's name and its search key."""
    first = number % len(FIRST_NAMES)
    return PERSONS[first * len(LAST_NAMES) + (number // len(FIRST_NAMES) + first * 7) % len(LAST_NAMES)]


def _persons():
    names = (f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES)
    return [(name, search_key(name)) for name in names]


PERSONS = _persons()


def fleet_name(trade, number):
    """The name of a fleet: its trade and a family."""
    return f"{TRADES[trade]} {LAST_NAMES[number * 13 % len(LAST_NAMES)]}"


def garage_name(number):
    """The name of a garage; the place makes it readable, the number unique."""
    kind = GARAGE_KINDS[number % len(GARAGE_KINDS)]
    return f"{kind} {LAST_NAMES[number * 3 % len(LAST_NAMES)]} {PLACES[number % len(PLACES)][0]}"


def plate_parts(number):
    """Of the plate `XXX-99-X`: three indexes of letters, two digits as a number, one index of a letter.

    A step without a common factor visits each plate once, in an order that looks like none.
    """
    rest, last = divmod((number * PLATE_STEP + PLATE_START) % PLATES, len(PLATE_LETTERS))
    rest, digits = divmod(rest, 100)
    rest, third = divmod(rest, len(PLATE_LETTERS))
    first, second = divmod(rest, len(PLATE_LETTERS))
    return first, second, third, digits, last


_PAIRS = [a + b for a in PLATE_LETTERS for b in PLATE_LETTERS]
_TAILS = [f"{letter}{digits:02}" for letter in PLATE_LETTERS for digits in range(100)]


def plate(number):
    """A licence plate of sidecode 11 in its normal form: `KLM42B`."""
    rest, last = divmod((number * PLATE_STEP + PLATE_START) % PLATES, 18)
    pair, tail = divmod(rest, 1800)
    return f"{_PAIRS[pair]}{_TAILS[tail]}{PLATE_LETTERS[last]}"


def vin(number):
    """A vehicle identification number: 17 characters without I, O and Q."""
    return f"XTA{number * 7919 % 99999999999999:014}"
