"""What breaks from one JSON Schema to the next.

A request is narrowed when something that was taken is taken no more; an answer is widened when something can come that
could not come before. Values of an enumeration are open to whoever reads: one more in an answer breaks nobody.
"""

REQUEST, ANSWER = "request", "answer"

# What a lower, or a higher, value of a limit makes narrower.
UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
# What must stay as it is, or go: of a request.
FIXED = ("pattern", "format", "const", "multipleOf", "uniqueItems")


class Pair:
    """Two documents, and what of them has been compared already: schemas refer to themselves."""

    def __init__(self, released, current):
        self.released, self.current, self.compared = released, current, set()

    def old(self, value):
        return resolved(self.released, value)

    def new(self, value):
        return resolved(self.current, value)

    def is_first(self, old, new, direction):
        key = (reference(old), reference(new), direction)
        if None in key[:2]:
            return True
        first = key not in self.compared
        self.compared.add(key)
        return first


def reference(value):
    return value.get("$ref") if isinstance(value, dict) else None


def resolved(document, value):
    """What a reference leads to."""
    while isinstance(value, dict) and "$ref" in value:
        target = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        # Beside a reference may stand more (3.1).
        beside = {name: member for name, member in value.items() if name != "$ref"}
        value = {**target, **beside} if isinstance(target, dict) else target
    return value


class Shape:
    """A schema in one form: its parts merged, and null a type as any other."""

    def __init__(self, resolve, schema):
        schema = resolve(schema)
        self.open = schema in (None, True)
        self.members = {} if self.open or schema is False else self.merged(resolve, schema)
        alternatives = self.members.get("oneOf") or self.members.get("anyOf") or []
        null = [one for one in alternatives if resolve(one).get("type") == "null"]
        self.alternatives = [one for one in alternatives if one not in null]
        self.single = None
        if len(self.alternatives) == 1:
            self.single, self.alternatives = self.alternatives[0], []
            inner = Shape(resolve, self.single)
            outer = {name: member for name, member in self.members.items() if name not in ("oneOf", "anyOf")}
            self.members = {**inner.members, **outer}
            self.alternatives = inner.alternatives
            null = null or (["null"] if inner.types and "null" in inner.types else [])
        kinds = self.members.get("type")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        self.types = None if kinds is None else set(kinds) | ({"null"} if null else set())
        if self.types is None and self.alternatives:
            inner = [Shape(resolve, one).types for one in self.alternatives]
            self.types = None if None in inner else set().union(*inner, {"null"} if null else set())
        if self.types and "number" in self.types:
            self.types.add("integer")

    @staticmethod
    def merged(resolve, schema):
        members = {name: member for name, member in schema.items() if name != "allOf"}
        for part in schema.get("allOf", []):
            inner = Shape.merged(resolve, resolve(part))
            properties = {**inner.get("properties", {}), **members.get("properties", {})}
            required = [*inner.get("required", []), *members.get("required", [])]
            members = {**inner, **members}
            if properties:
                members.update(properties=properties, required=required)
        return members

    def get(self, name, default=None):
        return self.members.get(name, default)


def breaks(pair, old, new, direction, where):
    """All breaks between two schemas, in words."""
    if not pair.is_first(old, new, direction):
        return
    before, after = Shape(pair.old, old), Shape(pair.new, new)
    rules = (types, enumeration, limits, properties, alternatives, items, entries)
    for rule in rules:
        yield from rule(pair, before, after, direction, where)


def types(_, old, new, direction, where):
    narrow, wide = (new, old) if direction == REQUEST else (old, new)
    if narrow.types is None:
        return
    lost = None if wide.types is None else sorted(wide.types - narrow.types)
    if lost is None:
        yield f"{where}: it was of any type" if direction == REQUEST else f"{where}: it can be of any type"
    elif lost:
        yield f"{where}: it can{' no longer' if direction == REQUEST else ''} be {' or '.join(lost)}"


def enumeration(_, old, new, direction, where):
    if direction == ANSWER or new.get("enum") is None:
        return
    if old.get("enum") is None:
        yield f"{where}: it must be one of {new.get('enum')} now"
        return
    for value in [value for value in old.get("enum") if value not in new.get("enum")]:
        yield f"{where}: {value} is taken no more"


def limits(_, old, new, direction, where):
    if direction == ANSWER:
        # The meaning of a text: a date that comes as any text is a wider type.
        if old.get("format") != new.get("format") and old.get("format") is not None:
            yield f"{where}: its format is {new.get('format')}"
        return
    for name in UPPER + LOWER:
        before, after = old.get(name), new.get(name)
        tighter = after is not None and (before is None or (after < before if name in UPPER else after > before))
        # A text, a list or a number that may be empty or zero is limited by nothing.
        if tighter and not (before is None and name in ("minLength", "minItems", "minProperties") and after == 0):
            yield f"{where}: {name} is {after} now, it was {before}"
    for name in FIXED:
        if new.get(name) not in (None, False, old.get(name)):
            yield f"{where}: {name} is {new.get(name)} now, it was {old.get(name)}"


def properties(pair, old, new, direction, where):
    before, after = old.get("properties", {}), new.get("properties", {})
    needed = set(new.get("required", [])) - set(old.get("required", []))
    for name, schema in before.items():
        here = f"{where}/{name}"
        if name in after:
            yield from breaks(pair, schema, after[name], direction, here)
        elif direction == ANSWER or closed(new):
            yield f"{here}: it is gone"
    if direction == REQUEST:
        yield from (f"{where}/{name}: it is required now" for name in sorted(needed))
        if closed(new) and not closed(old) and "object" in (old.types or {"object"}):
            yield f"{where}: fields that are not named are refused now"
    else:
        lost = (set(old.get("required", [])) - set(new.get("required", []))) & set(after)
        yield from (f"{where}/{name}: it is no longer always there" for name in sorted(lost))


def closed(shape):
    return shape.get("additionalProperties") is False or shape.get("unevaluatedProperties") is False


def alternatives(pair, old, new, direction, where):
    before, after = named(pair.old, old.alternatives), named(pair.new, new.alternatives)
    for name, schema in before.items():
        if name in after:
            yield from breaks(pair, schema, after[name], direction, f"{where} ({name})")
        elif direction == REQUEST and not is_any(new):
            yield f"{where}: {name} is taken no more"
    if direction == ANSWER and (before or not is_any(old)):
        yield from (f"{where}: {name} can come now" for name in after if name not in before)


def is_any(shape):
    return shape.types is None and not shape.alternatives


def named(resolve, listed):
    """Alternatives by what tells them apart: the schema's name, a field with one value, or their place."""
    found = {}
    for place, one in enumerate(listed):
        name = (reference(one) or "").rpartition("/")[2]
        if not name:
            marks = [
                (field, inner.get("const", (inner.get("enum") or [None])[0]))
                for field, inner in ((key, resolve(value)) for key, value in resolve(one).get("properties", {}).items())
                if "const" in inner or len(inner.get("enum") or []) == 1
            ]
            name = " ".join(f"{field}={value}" for field, value in marks) or resolve(one).get("title")
        found[name or f"alternative {place + 1}"] = one
    return found


def items(pair, old, new, direction, where):
    if "items" in old.members or "items" in new.members:
        yield from breaks(pair, old.get("items", True), new.get("items", True), direction, f"{where}[]")


def entries(pair, old, new, direction, where):
    """The values of a map."""
    before, after = old.get("additionalProperties"), new.get("additionalProperties")
    if isinstance(before, dict) and isinstance(after, dict):
        yield from breaks(pair, before, after, direction, f"{where}{{}}")
