"""What breaks from one OpenAPI document to the next: paths, parameters, bodies, answers, security."""

import re

import schema
from schema import ANSWER, REQUEST, Pair

METHODS = ("get", "put", "post", "patch", "delete")


def breaks(released, current):
    """All breaks, in words, sorted."""
    pair = Pair(released, current)
    before, after = operations(released), operations(current)
    found = []
    for route, old in before.items():
        where = f"{old['operationId']} ({route[0].upper()} {route[1]})"
        if route not in after:
            found.append(f"{where}: the operation is gone")
        else:
            found.extend(f"{where}: {line}" for line in operation(pair, old, after[route]))
    found.extend(webhooks(pair, released.get("webhooks", {}), current.get("webhooks", {})))
    return sorted(set(found))


def operations(document):
    """By method and path. What a parameter of the path is called is said by the parameter."""
    return {
        (method, re.sub(r"{[^}]*}", "{}", path)): {
            **item[method],
            "parameters": item.get("parameters", []) + item[method].get("parameters", []),
        }
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def operation(pair, old, new):
    if old["operationId"] != new["operationId"]:
        yield f"the operationId is {new['operationId']}"
    yield from security(old.get("security", [{}]), new.get("security", [{}]))
    yield from parameters(pair, old["parameters"], new["parameters"])
    yield from request(pair, pair.old(old.get("requestBody")), pair.new(new.get("requestBody")))
    yield from responses(pair, old["responses"], new["responses"])


def security(old, new):
    """Whatever was enough must still be."""
    for requirement in old:
        if not any(enough(requirement, other) for other in new):
            yield f"what was enough to call it is no more: {requirement or 'nothing'}"


def enough(held, needed):
    return all(scheme in held and set(scopes) <= set(held[scheme]) for scheme, scopes in needed.items())


def parameters(pair, old, new):
    def by_name(resolve, listed):
        resolved = [resolve(parameter) for parameter in listed]
        return {(one["in"], one["name"].lower() if one["in"] == "header" else one["name"]): one for one in resolved}

    before, after = by_name(pair.old, old), by_name(pair.new, new)
    for key, parameter in before.items():
        name = f"parameter {key[1]}"
        if key not in after:
            yield f"{name}: it is gone"
            continue
        other = after[key]
        if other.get("required") and not parameter.get("required"):
            yield f"{name}: it is required now"
        for member in ("style", "explode"):
            if parameter.get(member) != other.get(member):
                yield f"{name}: its {member} is {other.get(member)} now"
        yield from schema.breaks(pair, parameter.get("schema"), other.get("schema"), REQUEST, name)
    for key, parameter in after.items():
        if key not in before and parameter.get("required"):
            yield f"parameter {key[1]}: it is new and required"


def request(pair, old, new):
    if old is None:
        if new and new.get("required"):
            yield "the body is new and required"
        return
    if new is None:
        yield "the body is gone"
        return
    if new.get("required") and not old.get("required"):
        yield "the body is required now"
    yield from content(pair, old.get("content", {}), new.get("content", {}), REQUEST, "the body")


def responses(pair, old, new):
    for status, response in old.items():
        if status not in new:
            yield f"the status {status} is gone"
            continue
        before, after = pair.old(response), pair.new(new[status])
        yield from headers(pair, before.get("headers", {}), after.get("headers", {}), f"the {status}")
        yield from content(pair, before.get("content", {}), after.get("content", {}), ANSWER, f"the {status}")
    for status in new:
        if status not in old and status.startswith("2"):
            yield f"the status {status} is new: who calls does not know this success"


def headers(pair, old, new, where):
    for name, header in old.items():
        before, after = pair.old(header), pair.new(new.get(name))
        if after is None:
            yield f"{where}: the header {name} is gone"
            continue
        if before.get("required") and not after.get("required"):
            yield f"{where}: the header {name} is no longer always there"
        yield from schema.breaks(pair, before.get("schema"), after.get("schema"), ANSWER, f"{where}: the header {name}")


def content(pair, old, new, direction, where):
    for media, described in old.items():
        if media not in new:
            yield f"{where}: {media} is gone"
        else:
            yield from schema.breaks(pair, described.get("schema"), new[media].get("schema"), direction, where)


def webhooks(pair, old, new):
    """What is sent to whoever listens is an answer in this sense."""
    for name, item in old.items():
        for method in METHODS:
            if method not in item:
                continue
            if method not in new.get(name, {}):
                yield f"webhook {name}: it is gone"
                continue
            before, after = [
                (resolve(one[method].get("requestBody")) or {}).get("content", {})
                for resolve, one in ((pair.old, item), (pair.new, new[name]))
            ]
            yield from content(pair, before, after, ANSWER, f"webhook {name}")
