"""Makes a pgbench script from captured statements: the same text, with parameters that vary from one transaction to the
next as they do from one request to the next.

A measure says which values follow from the number of a request (`Known`): an id, for example, is a prefix that says of
which kind it is and a number that pgbench can compute. Wherever such a value stands in a parameter, alone, in a JSON
text or in an array, an expression takes its place; all other values stay, as parameters of the same type and value. The
expression costs PostgreSQL about a microsecond. A second captured request shows whether the script is right.
"""

import re

import names
from data import FRESH, NUMBERS_FROM, prefix
from processes import Failed

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PLACE = re.compile(r"\$(\d+)")
_KEYS = re.compile(r"(?<=unnest\()\$\d+(?=\) AS wanted)")
_SELECTED = re.compile(r"(.*?)SELECT (?:DISTINCT )?(.*?) FROM ")  # what comes before the list, and the list
_INSERT = re.compile(r'INSERT INTO "\w+" \(([^)]*)\) VALUES \(([^)]*)\)')
_NUMBERS = {("events", "number"), ("jobs", "event_number")}  # of events; a statement before has read the last one's
_READS_NUMBER = re.compile(r'SELECT "event_streams"\."last_number"|.*RETURNING "event_streams"\."last_number"')


class Known:
    """A text that follows from the number of a request: `value(number)` here, the expression `sql` in pgbench, which
    may refer to what its lines `variables` compute."""

    def __init__(self, value, sql, variables):
        self.value, self.sql, self.variables = value, sql, variables


def known_id(kind, name, expression, number):
    """An id whose number is `expression` in pgbench and `number(n)` here."""
    variables = [f"\\set {name} {NUMBERS_FROM} + {expression}"]
    return Known(lambda n: f"{prefix(kind)}{NUMBERS_FROM + number(n)}", f"'{prefix(kind)}' || :{name}", variables)


def known_plate(car):
    """The plate of the car whose number is `:car` in pgbench and `car(n)` here, letter by letter as names.plate makes it."""
    letters, count = names.PLATE_LETTERS, len(names.PLATE_LETTERS)
    variables = [
        f"\\set plate (:car * {names.PLATE_STEP} + {names.PLATE_START}) % {names.PLATES}",
        f"\\set p1 :plate / {count * 100 * count * count} + 1",
        f"\\set p2 :plate / {count * 100 * count} % {count} + 1",
        f"\\set p3 :plate / {count * 100} % {count} + 1",
        f"\\set p4 :plate / {count} % 100",
        f"\\set p5 :plate % {count} + 1",
    ]
    letter = "substr('" + letters + "', :p{}, 1)"
    digits = "lpad(:p4::text, 2, '0')"
    sql = " || ".join([letter.format(1), letter.format(2), letter.format(3), digits, letter.format(5)])
    return Known(lambda n: names.plate(car(n)), sql, variables)


class Script:
    """A pgbench script, and the values that its command line sets.

    `samples` are two requests, each a number and its statements; `known` what follows from the number; `choose` the
    lines by which pgbench chooses a number into `:n`. A read must be explained wholly, unless `is_exact` is false: then
    values that do not follow from the number are kept as they were. A command makes ids of its own, which get numbers of
    their own here, and writes values (the time, a car's make) that are kept too.
    """

    def __init__(self, database, samples, known, choose, is_command=False, is_exact=True):
        (self.number, statements), (self.other_number, others) = samples
        self.database, self.known, self.is_command = database, known, is_command
        self.is_exact = is_exact and not is_command
        self.constants, self.fresh, self.used = {}, {}, []
        self.statements = [statement.sql for statement in statements]
        numbers = [int(value) for statement in statements for value in _numbers(statement)]
        self.last_number = max(numbers, default=0)
        lines = [self._statement(*pair) for pair in zip(statements, others)]
        head = [*choose, *(line for item in self.used for line in item.variables)]
        head += [f"\\set fresh{index} {NUMBERS_FROM} + :n * 100 + {index}" for index in self.fresh.values()]
        self.text = "\n".join([*dict.fromkeys(head), *lines, ""])

    def named(self, scope):
        """The script, the names of its constants made its own by `scope`: pgbench has one set for all scripts."""
        return self.text.replace(":const_", f":{scope}const_")

    def options(self, scope):
        """What pgbench's command line has to set."""
        return [f"--define={scope}{name}={value}" for value, name in self.constants.items()]

    def _statement(self, statement, other):
        sql = self._typed(re.sub(r"\s*\n\s*", " ", statement.sql))
        types = self._types(sql, statement.values)
        columns = _inserted_columns(sql)

        def replace(place):
            index = int(place[1]) - 1
            if (_table(sql), columns.get(index)) in _NUMBERS:
                return f"(:last_number::bigint - {self.last_number - int(statement.values[index])})"
            return self._expression(statement.values[index], other.values[index], types[index])

        if statement.values:
            sql = _PLACE.sub(replace, sql)
        return sql + (" \\gset" if _READS_NUMBER.match(sql) else ";")

    def _typed(self, sql):
        """The statement with types for parameters of which PostgreSQL could not infer them, or would infer others than the
        server says: lists of keys, which are texts, and what stands in the place of another query's column in a union.
        """
        sql = _KEYS.sub(r"\g<0>::text[]", sql)
        if " UNION " not in sql:
            return sql
        queries = [_SELECTED.match(query) for query in re.split(r"(?= UNION )", sql)]
        items = [query[2].split(", ") for query in queries]
        of_column = self._column_types()
        named = [{of_column[item] for item in column if item in of_column} for column in zip(*items)]
        cast = {item: min(kinds) for column, kinds in zip(zip(*items), named) if kinds for item in column}
        return _PLACE.sub(lambda place: f"{place[0]}::{cast[place[0]]}" if place[0] in cast else place[0], sql)

    def _column_types(self):
        rows = self.database.rows("SELECT table_name, column_name, udt_name FROM information_schema.columns")
        return {f'"{table}"."{column}"': kind for table, column, kind in rows}

    def _types(self, sql, values):
        """The types of a statement's parameters, as PostgreSQL infers them."""
        if not values:
            return []
        prepare = f"PREPARE s AS {sql};\nSELECT unnest(parameter_types) FROM pg_prepared_statements"
        return self.database.psql(prepare).split("\n")

    def _expression(self, value, other, type_name):
        if value is None:
            return f"NULL::{type_name}"
        if value == "":
            return f"''::{type_name}"  # pgbench takes no empty value
        parts = self._parts(value, other or "")
        if self.is_exact and _parts_of(self._evaluated(parts)) != _parts_of(other):
            raise Failed(f"pgbench cannot vary this parameter of the server's statement: {value!r}, then {other!r}")
        if isinstance(parts[0], str) and len(parts) == 1:
            return ":" + self._constant(parts[0])
        return f"({' || '.join(self._sql(part) for part in parts)})::{type_name}"

    def _parts(self, value, other):
        """The value in parts: constant texts, known values, and numbers of ids that the request made itself."""
        known = [(item.value(self.number), item) for item in self.known]
        found = [(text, item) for text, item in known if text in value]
        text, part = max(found, key=lambda pair: len(pair[0]), default=(None, None))
        made = _UUID.search(value)
        if part is None and self.is_command and made and made[0] not in other:
            text, part = made[0], self.fresh.setdefault(made[0], len(self.fresh))
        if part is None:
            return [value]
        if isinstance(part, Known) and part not in self.used:
            self.used.append(part)
        before, _, after = value.partition(text)
        return (self._parts(before, other) if before else []) + [part] + (self._parts(after, other) if after else [])

    def _evaluated(self, parts):
        """What the parts would be for the other request."""
        return "".join(part.value(self.other_number) if isinstance(part, Known) else str(part) for part in parts)

    def _sql(self, part):
        if isinstance(part, Known):
            return part.sql
        return f"'{prefix(FRESH)}' || :fresh{part}" if isinstance(part, int) else ":" + self._constant(part)

    def _constant(self, text):
        return self.constants.setdefault(text, f"const_{len(self.constants)}")


def _parts_of(value):
    """What is compared: of an array its elements in any order, else the value."""
    return sorted(value[1:-1].split(",")) if value and value.startswith("{") and '"' not in value else value


def _table(sql):
    """The table of an INSERT: the first name in it."""
    return sql.split('"')[1] if '"' in sql else ""


def _numbers(statement):
    """The numbers of events that an INSERT stores."""
    columns = _inserted_columns(re.sub(r"\s*\n\s*", " ", statement.sql))
    return [statement.values[index] for index, name in columns.items() if (_table(statement.sql), name) in _NUMBERS]


def _inserted_columns(sql):
    """Of an INSERT, the columns by the index of their parameter."""
    match = _INSERT.match(sql)
    if not match:
        return {}
    names = [name.strip().strip('"') for name in match[1].split(",")]
    places = [_PLACE.fullmatch(place.strip()) for place in match[2].split(",")]
    return {int(place[1]) - 1: name for name, place in zip(names, places) if place}
