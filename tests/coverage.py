#!/usr/bin/env python3
"""Is every operation of the OpenAPI document, and every status that it documents, exercised by the tests?

    tests/coverage.py DOCUMENT EXCHANGES

EXCHANGES is the folder that the tests filled (ENTENTE_TEST_EXCHANGES). What is not exercised stands with its reason in
tests/unexercised.json; that list may only shrink: an exception that is exercised by now is a failure too.
"""

import json
import pathlib
import sys

EXCEPTIONS = pathlib.Path(__file__).with_name("unexercised.json")
METHODS = {"get", "put", "post", "patch", "delete"}


def documented(document):
    """Every operation with the statuses that it documents."""
    return {
        operation["operationId"]: set(operation["responses"])
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }


def exercised(folder):
    """Every operation with the statuses that a test has seen of it."""
    seen = {}
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                exchange = json.loads(line)
                seen.setdefault(exchange["operation"], set()).add(str(exchange["status"]))
    return seen


def excepted(exceptions, operation, status):
    """Whether an exception covers it: one of the status everywhere, or one of the operation."""
    return status in exceptions["statuses"] or status in exceptions["operations"].get(operation, {})


def faults(document, seen, exceptions):
    """All that is wrong, in words."""
    known = documented(document)
    for operation, statuses in sorted(known.items()):
        for status in sorted(statuses - seen.get(operation, set())):
            if not excepted(exceptions, operation, status):
                yield f"{operation} {status}: no test exercises it"
    for status in exceptions["statuses"]:
        if status not in set().union(*known.values()):
            yield f"{status}: no operation documents it: remove it, the list may only shrink"
        elif all(status in seen.get(operation, set()) for operation, statuses in known.items() if status in statuses):
            yield f"{status}: every operation exercises it: remove it, the list may only shrink"
    for operation, statuses in exceptions["operations"].items():
        for status in statuses:
            if status in seen.get(operation, set()):
                yield f"{operation} {status}: it is exercised: remove it, the list may only shrink"
            elif status not in known.get(operation, set()):
                yield f"{operation} {status}: the document does not have it: remove it, the list may only shrink"
            elif status in exceptions["statuses"]:
                yield f"{operation} {status}: {status} is excepted everywhere: remove it"
    yield from unsorted(exceptions)


def unsorted(exceptions):
    """The list is sorted, and every exception has a reason."""
    of_operations = exceptions["operations"]
    for name, mapping in [("statuses", exceptions["statuses"]), ("operations", of_operations), *of_operations.items()]:
        if list(mapping) != sorted(mapping):
            yield f"{EXCEPTIONS.name}: {name} is not sorted"
    for reasons in [exceptions["statuses"], *of_operations.values()]:
        for status, reason in reasons.items():
            if not isinstance(reason, str) or len(reason) < 10:
                yield f"{EXCEPTIONS.name}: {status} has no reason"


def main(document, folder):
    with open(document, encoding="utf-8") as file:
        document = json.load(file)
    exceptions = json.loads(EXCEPTIONS.read_text(encoding="utf-8"))
    seen, known = exercised(folder), documented(document)
    if not seen:
        sys.exit(f"coverage: {folder} holds no exchange: run `make cargo-test` first")
    hit = {operation: statuses & seen.get(operation, set()) for operation, statuses in known.items()}
    total, reached = sum(map(len, known.values())), sum(map(len, hit.values()))
    called = sum(1 for statuses in hit.values() if statuses)
    found = list(faults(document, seen, exceptions))
    for fault in found:
        print(f"coverage: {fault}")
    print(
        f"coverage: {called} of {len(known)} operations and {reached} of {total} documented statuses "
        f"({100 * reached / total:.1f} %) are exercised; {total - reached - len(uncovered(found))} are excepted"
    )
    sys.exit(1 if found else 0)


def uncovered(found):
    return [fault for fault in found if fault.endswith("no test exercises it")]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
