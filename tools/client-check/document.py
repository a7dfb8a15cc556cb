"""What `make client-check` does with the document itself.

  document.py compare YAML JSON      proves that a YAML 1.1 reader finds in YAML just what is in JSON
  document.py tomorrow JSON          prints answers as a later version of the server may give them
  document.py names JSON             prints the name of each operation, and of each object with its properties
"""

import json
import re
import sys

import yaml

NEW_VALUE = "added_later"


def differences(found, expected, path=""):
    """Yields (path, what the YAML says, what the JSON says), types included: true is not "on", and 615 is not "10:15"."""
    if type(found) is not type(expected):
        yield path, found, expected
    elif isinstance(expected, dict):
        for key in [*expected, *(key for key in found if key not in expected)]:
            where = f"{path}/{key}"
            if key not in found:
                yield where, "(no such key)", expected[key]
            elif key not in expected:
                yield where, f"(the key is a {type(key).__name__})", "(no such key)"
            else:
                yield from differences(found[key], expected[key], where)
    elif isinstance(expected, list):
        if len(found) != len(expected):
            yield path, f"{len(found)} items", f"{len(expected)} items"
        for index, (one, other) in enumerate(zip(found, expected)):
            yield from differences(one, other, f"{path}/{index}")
    elif found != expected:
        yield path, found, expected


def compare(yaml_file, json_file):
    with open(yaml_file, encoding="utf-8") as file:
        found = yaml.safe_load(file)
    with open(json_file, encoding="utf-8") as file:
        expected = json.load(file)
    all_of_them = list(differences(found, expected))
    by_type = {}
    for difference in all_of_them:
        by_type.setdefault(type(difference[1]).__name__, []).append(difference)
    for name, some in by_type.items():
        print(f"{len(some)} places where YAML 1.1 reads a {name}, for example")
        for path, one, other in some[:3]:
            print(f"  {path}: {one!s:.60} where the JSON has {json.dumps(other, default=str):.60}")
    if all_of_them:
        sys.exit("a YAML 1.1 reader finds another document in the YAML: run 'make openapi', and see that such words are quoted")



def is_thing(schema):
    """Whether a schema is that of a thing with properties of its own, and not of a map from names to values."""
    return schema.get("type") == "object" and not isinstance(schema.get("additionalProperties"), dict)


class Document:
    def __init__(self, file):
        with open(file, encoding="utf-8") as opened:
            self.root = json.load(opened)
        self.schemas = self.root["components"]["schemas"]

    def follow(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.root
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def operations(self):
        for item in self.root["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict) and "operationId" in operation:
                    yield operation

    def names(self):
        return {
            "operations": [operation["operationId"] for operation in self.operations()],
            "objects": {
                name: list(schema.get("properties", {}))
                for name, schema in self.schemas.items()
                if is_thing(schema)
            },
        }

    def answered(self):
        """The names of all schemas that stand in answers."""
        names = set()

        def visit(node):
            if isinstance(node, list):
                for one in node:
                    visit(one)
            elif isinstance(node, dict):
                reference = node.get("$ref")
                if isinstance(reference, str):
                    name = reference.rsplit("/", 1)[1]
                    if reference.startswith("#/components/schemas/"):
                        if name in names:
                            return
                        names.add(name)
                    visit(self.follow(node))
                for key, value in node.items():
                    if key not in ("example", "examples"):
                        visit(value)

        for operation in self.operations():
            visit(operation["responses"])
        return names

    def later(self, schema, value, where):
        """`value`, or one that is made up, as `schema` allows; but each word of a list of words is a new one."""
        schema = self.follow(schema)
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                some = [one for one in schema[choice] if self.follow(one).get("type") != "null"]
                return self.later(some[0], value, where)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next(one for one in kind if one != "null")
        if "enum" in schema or "x-extensible-enum" in schema:
            return NEW_VALUE
        if kind == "object" and not is_thing(schema):
            return value or {}
        if kind == "object":
            value = value if isinstance(value, dict) else schema.get("example", {})
            properties = schema.get("properties", {}).items()
            return {
                **{name: self.later(one, value.get(name), f"{where}.{name}") for name, one in properties},
                "propertyOfTomorrow": {"is": "ignored"},
            }
        if kind == "array":
            return [self.later(schema["items"], one, f"{where}[]") for one in value or [None]]
        if value is None:
            value = schema.get("example")
        if value is not None:
            return value
        if kind == "boolean":
            return True
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        return made_up(schema, where)

    def gather(self, schema, value, examples):
        """Finds the examples of named schemas that stand within the example `value` of `schema`."""
        if "$ref" in schema and value is not None:
            examples.setdefault(schema["$ref"].rsplit("/", 1)[1], value)
        schema = self.follow(schema)
        for one in schema.get("oneOf", schema.get("anyOf", [])):
            self.gather(one, value, examples)
        if isinstance(value, dict):
            for name, one in schema.get("properties", {}).items():
                self.gather(one, value.get(name), examples)
        elif isinstance(value, list):
            for one in value:
                self.gather(schema.get("items", {}), one, examples)

    def examples(self):
        examples = {name: schema["example"] for name, schema in self.schemas.items() if "example" in schema}
        for name, value in list(examples.items()):
            self.gather(self.schemas[name], value, examples)
        for operation in self.operations():
            for response in operation["responses"].values():
                for content in self.follow(response).get("content", {}).values():
                    some = [self.follow(one).get("value") for one in content.get("examples", {}).values()]
                    for value in [content.get("example"), *some]:
                        self.gather(content.get("schema", {}), value, examples)
        return examples

    def tomorrow(self):
        """An example of each object in answers, with new words wherever there may be new ones, and a new property."""
        examples = self.examples()
        return {
            name: self.later(self.schemas[name], examples.get(name), name)
            for name in sorted(self.answered())
            if is_thing(self.schemas[name])
        }


def made_up(schema, where):
    """A string that `schema` allows."""
    samples = {
        "uuid": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
        "date": "2026-03-01",
        "date-time": "2026-03-01T09:30:00.123456Z",
        "email": "jan@jansen.example",
        "uri": "https://autopaspoort.example/",
    }
    some = [samples.get(schema.get("format"), "a"), "1", "NL", "EUR", "nl", "A" * 17, "10:15", "a" * 43]
    for one in some:
        fits = re.search(schema.get("pattern", ""), one)
        if fits and schema.get("minLength", 0) <= len(one) <= schema.get("maxLength", sys.maxsize):
            return one
    raise SystemExit(f"{where} needs an example: none of {some} fits {schema}")


def main():
    match sys.argv[1:]:
        case ["compare", yaml_file, json_file]:
            compare(yaml_file, json_file)
        case ["tomorrow", file]:
            json.dump(Document(file).tomorrow(), sys.stdout, ensure_ascii=False, indent=1)
        case ["names", file]:
            json.dump(Document(file).names(), sys.stdout, indent=1)
        case _:
            sys.exit(__doc__)


main()
