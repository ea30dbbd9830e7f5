#!/usr/bin/env python3
"""Picks the document's examples from what the tests sent and were answered: openapi/examples.py FOLDER > openapi/examples.json

FOLDER holds what `make cargo-test` wrote there (target/exchanges): a line of JSON for each exchange. Of each operation the
exchange is taken that says most in few words. What differs from run to run (ids, times, secrets) is put in one form, so that
the examples change when the product does, and not otherwise.
"""

import base64
import datetime
import email.utils
import hashlib
import json
import pathlib
import re
import sys
import urllib.parse

ID = re.compile(r"\b([a-z][a-z_]*)_([0-7][0-9a-hjkmnp-tv-z]{25})\b")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
# When the examples happen.
NOW = datetime.datetime(2026, 3, 2, 9, 30)
# Members whose values nobody may see, or that are another at every run.
SECRET = {"access_token", "refresh_token", "client_secret", "status_token", "challenge", "next_cursor", "nonce", "proof", "digest", "x", "y", "kid"}
# Another with each key, or each time: their handlers show one.
SIGNED = {"application/vc+jwt", "image/png", "image/svg+xml", "multipart/mixed"}
PASSWORD = {"password", "current_password", "new_password"}
OUTLINE = {"id", "type", "name", "url"}
LARGE = 6_000
WIDE = 3  # entries of a list that an example shows


def main(folder):
    best = {}
    for exchange in exchanges(pathlib.Path(folder)):
        offer(best, (exchange["operation"], str(exchange["status"]), media_type(exchange["headers"])), readable(exchange))
    examples = {}
    for operation, status, answered in sorted(best):
        (asked, request), answer = best[operation, status, answered]
        example = examples.setdefault(operation, {"answers": {}})
        if request is not None:
            example["request"] = {asked: request}
        if answer is not None:
            example["answers"].setdefault(status, {})[answered] = answer
    json.dump(examples, sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
    print()


def exchanges(folder):
    for path in sorted(folder.glob("*.jsonl")):
        # Not `splitlines`: a text may hold what Unicode calls the end of a line.
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                exchange = json.loads(line)
                is_shown = 200 <= exchange["status"] < 300 and "answer" in exchange
                if is_shown and not SIGNED & {media_type(exchange["headers"]), media_type(exchange["request_headers"])}:
                    yield exchange


def media_type(headers):
    return headers.get("content-type", "").split(";")[0].strip()


def offer(best, place, pair):
    if place not in best or rank(pair) > rank(best[place]):
        best[place] = pair


def rank(pair):
    """The most members with a value, in a text that is not long; the same in every run."""
    text = json.dumps(pair, sort_keys=True)
    plain = all(32 <= ord(letter) < 0x250 for letter in "".join(strings(pair)))
    short = all(len(string) <= 400 for string in strings(pair))
    told = len({path for path in told_in(pair)})
    (_, request), answer = pair
    # One statement alone is not what the schema of statements shows.
    alone = any(isinstance(one, dict) and {"actor", "verb"} <= one.keys() for one in (request, answer))
    welcome = not alone and not (isinstance(answer, dict) and answer.get("valid") is False)
    return (welcome, not any(is_like_a_schema(inner) for inner in everything(pair)), plain, short, len(text) <= LARGE, min(told, 60), -len(text), text)


def is_like_a_schema(value):
    """A fact of a program has a type and a default: linters take it for a schema that is wrong."""
    return isinstance(value, dict) and value.get("type") in ("records", "people") and "default" in value


def everything(value):
    yield value
    for inner in children(value):
        yield from everything(inner)


def strings(value):
    if isinstance(value, str):
        yield value
    for inner in children(value):
        yield from strings(inner)


def told_in(value, path=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from told_in(inner, f"{path}/{name}")
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from told_in(inner, path + "/*")
    elif value is not None and value != "":
        yield path


def children(value):
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def readable(exchange):
    """Request and answer in the form that is the same in every run."""
    date = exchange["headers"].get("date")
    then = email.utils.parsedate_to_datetime(date).replace(tzinfo=None) if date else datetime.datetime.now()
    form = Form(then, exchange["request"])
    request, asked = exchange["request"], media_type(exchange["request_headers"])
    if asked.endswith("form-urlencoded"):
        request = dict(urllib.parse.parse_qsl(request))
    elif asked == "text/csv":
        asked = "application/octet-stream"  # A file is bytes to a client.
    elif asked != "application/json":
        request = None  # YAML: the document shows JSON
    return (asked, form.of(request)), form.of(small(exchange["answer"]))


def small(answer):
    if isinstance(answer, str):
        return "\n".join(answer.splitlines()[:8]) + "\n"
    if isinstance(answer, dict) and isinstance(answer.get("data"), list):
        answer = {**answer, "data": answer["data"][:WIDE]}
    if isinstance(answer, dict) and "$schema" in answer:
        return {name: value for name, value in answer.items() if name.startswith("$") and isinstance(value, str)}
    if isinstance(answer, dict) and "@context" in answer:
        # Another specification says what else it holds; the document has the outline.
        return {name: value for name, value in answer.items() if name in OUTLINE}
    if isinstance(answer, dict) and len(json.dumps(answer)) > 4 * LARGE:
        return {name: value for name, value in answer.items() if not isinstance(value, (dict, list))}
    return answer


class Form:
    def __init__(self, then, request):
        self.then, self.ids, self.uuids, self.asked = then, {}, {}, set(strings(request))

    def of(self, value, name=""):
        if isinstance(value, dict):
            return {key: self.of(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.of(inner, name) for inner in value[:WIDE]]
        return self.text(value, name) if isinstance(value, str) else value

    def text(self, text, name):
        if name in PASSWORD:
            return "correct horse battery staple"
        if name in SECRET:
            return invented(name, text)
        if UUID.match(text):
            number = self.uuids.setdefault(text, len(self.uuids))
            return f"8e03978e-40d5-43e8-bc93-6894a57f9{(0x324 + number) % 0x1000:03x}"
        if TIME.match(text) and text not in self.asked:
            return self.time(text)
        if DATE.match(text) and text not in self.asked:
            return str(datetime.date.fromisoformat(text) + (NOW.date() - self.then.date()))
        return ID.sub(self.id, text)

    def time(self, text):
        moment = datetime.datetime.fromisoformat(text.rstrip("Z"))
        minutes = round((moment - self.then).total_seconds() / 60)
        return (NOW + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")

    def id(self, found):
        kind, own = found.groups()
        of_kind = self.ids.setdefault(kind, {})
        number = of_kind.setdefault(own, len(of_kind))
        return f"{kind}_01h455vb4pex5vsknk084sn0{DIGITS[(2 + number // 32) % 32]}{DIGITS[number % 32]}"


def invented(name, text):
    """Something of the same kind: as long, and of the same letters."""
    if text.count(".") == 2:
        return "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyXzAxaDQ1NSJ9.c2lnbmF0dXJl"
    digest = hashlib.sha512(name.encode()).digest()
    letters = digest.hex() if re.fullmatch(r"[0-9a-f]+", text) else base64.urlsafe_b64encode(digest * 4).decode()
    return (letters * 4)[: len(text)]


if __name__ == "__main__":
    main(*sys.argv[1:])
