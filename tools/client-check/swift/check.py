"""Looks into the generated Swift client with a parser. It can't be compiled here, since no package registry has Swift's
compiler; so this proves what can be proven without: the sources that the document made are Swift, each object is a struct
with all its properties, each operation is a function, no name is declared twice or hides one of Swift's own, every type
that is used is declared, and every enum takes values that are added later.

  check.py SOURCES NAMES-JSON    NAMES-JSON: what `document.py names` prints
"""

import collections
import json
import pathlib
import re
import sys

import tree_sitter
import tree_sitter_swift

# Swift's own types and those of its Foundation, as far as generated clients use them.
OWN = set(
    """AnyObject Any Array Bool CaseIterable Character Codable CodingKey Comparable Data Date Decimal Decodable Decoder
    Dictionary Double Encodable Encoder Equatable Error Float Hashable Identifiable Int Int32 Int64 Never Optional Result
    Sendable Sequence Set String Task Type URL URLComponents URLQueryItem URLRequest URLSession UUID Void""".split()
)

# Operations whose generated function would send an empty body; docs/clients.md tells how they are done instead.
BY_HAND = {"importPassports", "importServiceRecords"}

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_swift.language()))
problems = []


def walk(node):
    yield node
    for child in node.children:
        yield from walk(child)


def text(node):
    return node.text.decode()


def children(node, kind):
    return [child for child in node.children if child.type == kind]


def name_of(declaration):
    node = declaration.child_by_field_name("name")
    return text(node) if node else None


def own_properties(declaration):
    """Names of the stored properties of a struct, as they are written."""
    for body in children(declaration, "class_body"):
        for property_ in children(body, "property_declaration"):
            if "static" not in text(property_).split("=")[0].split() and not children(property_, "computed_property"):
                yield text(property_.child_by_field_name("name")).strip("`")


sources = pathlib.Path(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    names = json.load(file)

declared = collections.defaultdict(list)  # name -> where, in all sources
generic = set()  # names that stand for types, such as T
structs, enums, functions, used = {}, {}, collections.Counter(), collections.defaultdict(set)
for path in sorted(sources.rglob("*.swift")):
    tree = parser.parse(path.read_bytes()).root_node
    ours = path.parent.name in ("Models", "APIs")  # the others are the same for every document
    if ours and tree.has_error:
        at = next(node for node in walk(tree) if node.is_error or node.is_missing)
        problems.append(f"{path.name}:{at.start_point.row + 1} is not Swift: {text(at)[:60]!r}")
    for node in tree.children:
        if node.type in ("class_declaration", "protocol_declaration") and "extension" not in map(text, node.children):
            declared[name_of(node)].append(path.name)
            if "struct" in (child.type for child in node.children):
                structs[name_of(node)] = list(own_properties(node))
        elif node.type == "typealias_declaration":
            declared[name_of(node)].append(path.name)
    for node in walk(tree):
        if node.type == "type_parameter":
            generic.add(text(node).split(":")[0].strip())
        if not ours:
            continue
        if node.type == "function_declaration" and path.parent.name == "APIs":
            functions[name_of(node)] += 1
            operation = name_of(node).removesuffix("WithRequestBuilder")
            if '["body": body]' in text(node) and re.search('"Content-Type": "[^"]*json', text(node)) and operation not in BY_HAND:
                problems.append(f"{operation} would send an empty body: a stream's media type can't have json in its name")
        elif node.type == "user_type":
            for one in children(node, "type_identifier"):
                used[text(one)].add(path.name)
        elif node.type == "class_declaration" and children(node, "enum_class_body"):
            inherits = {text(one) for one in children(node, "inheritance_specifier")}
            declared.setdefault(name_of(node), [path.name])
            # The words of a parameter are sent and never read.
            if "CodingKey" not in inherits and path.parent.name == "Models":
                enums[name_of(node)] = "CaseIterableDefaultsLast" in inherits

for name, where in declared.items():
    if len(where) > 1:
        problems.append(f"{name} is declared more than once: {', '.join(where)}")
    if name in OWN:
        problems.append(f"{name} hides a type of Swift's own: {', '.join(where)}")
for name, where in used.items():
    if name not in OWN and name not in declared and name not in generic:
        problems.append(f"{name} is declared nowhere, and used in {', '.join(sorted(where)[:3])}")
for name in ("JSONValue", "AnyCodable", "AnyType"):
    if name in used:
        problems.append(f"{name} instead of a type, in {', '.join(sorted(used[name]))}")
for name, properties in names["objects"].items():
    found = structs.get(name.replace("_", ""))
    if found is None:
        problems.append(f"the schema {name} is no struct")
    elif len(found) != len(properties):
        problems.append(f"the struct {name} has the properties {found} instead of {properties}")
for operation in names["operations"]:
    if functions[operation] != 1:
        problems.append(f"the operation {operation} is {functions[operation]} functions instead of one")
for name, open_ in enums.items():
    if not open_:
        problems.append(f"the enum {name} does not take values that are added later")

print(f"  {len(structs)} structs, {len(enums)} enums, {len(names['operations'])} operations")
for problem in problems:
    print(f"  FAILED  {problem}")
sys.exit(1 if problems else 0)
