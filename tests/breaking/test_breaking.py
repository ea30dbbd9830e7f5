"""Each kind of break is found, and what is harmless passes: python3 -m unittest discover tests/breaking"""

import copy
import json
import pathlib
import unittest

import __main__ as command
import document

if not hasattr(command, "allows"):
    # Under unittest the main module is unittest's own.
    import importlib.util

    path = pathlib.Path(__file__).with_name("__main__.py")
    spec = importlib.util.spec_from_file_location("command", path)
    command = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(command)

SMALL = {
    "info": {"version": "0.1.0"},
    "paths": {
        "/v1/things": {
            "post": {
                "operationId": "createThing",
                "security": [{"oauth2": ["things:write"]}],
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewThing"}}}},
                "responses": {
                    "201": {
                        "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "409": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
                },
            },
            "get": {"operationId": "listThings", "security": [{}], "responses": {"200": {}}},
        }
    },
    "webhooks": {
        "thing.made": {
            "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}
        }
    },
    "components": {
        "schemas": {
            "NewThing": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 200},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "note": {"type": ["string", "null"]},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/NewThing"}, "maxItems": 10},
                    "how": {"oneOf": [{"$ref": "#/components/schemas/This"}, {"$ref": "#/components/schemas/That"}]},
                },
            },
            "Thing": {
                "type": "object",
                "required": ["id", "kind", "made_on"],
                "properties": {
                    "id": {"type": "string"},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "made_on": {"type": "string", "format": "date"},
                    "count": {"type": "integer"},
                    "note": {"oneOf": [{"$ref": "#/components/schemas/This"}, {"type": "null"}]},
                    "how": {"oneOf": [{"$ref": "#/components/schemas/This"}, {"$ref": "#/components/schemas/That"}]},
                    "inner": {"allOf": [{"$ref": "#/components/schemas/This"}]},
                    "next": {"$ref": "#/components/schemas/Thing"},
                },
            },
            "This": {"type": "object", "required": ["x"], "properties": {"x": {"type": "string"}}},
            "That": {"type": "object", "properties": {"y": {"type": "string"}}},
        }
    },
}

POST = "/paths/~1v1~1things/post"
NEW = "/components/schemas/NewThing"
THING = "/components/schemas/Thing"
ABSENT = object()

# Where, what stands there then, and a part of what is said; None for what is harmless.
CHANGES = [
    ("/paths/~1v1~1things/get", ABSENT, "listThings (GET /v1/things): the operation is gone"),
    (f"{POST}/operationId", "makeThing", "the operationId is makeThing"),
    (f"{POST}/security/0/oauth2", ["things:write", "more"], "what was enough to call it is no more"),
    ("/paths/~1v1~1things/get/security", [{"oauth2": []}], "what was enough to call it is no more: nothing"),
    (f"{POST}/security/0/oauth2", [], None),
    (f"{POST}/security", [{"oauth2": ["things:write"]}, {}], None),
    (f"{POST}/parameters", [], "parameter limit: it is gone"),
    (f"{POST}/parameters/0/required", True, "parameter limit: it is required now"),
    (f"{POST}/parameters/0/schema/maximum", 100, "parameter limit: maximum is 100 now, it was 200"),
    (f"{POST}/parameters/0/schema/minimum", 2, "minimum is 2 now"),
    (f"{POST}/parameters/0/schema/maximum", 500, None),
    (f"{POST}/parameters/0/schema/type", "string", "it can no longer be integer"),
    (f"{POST}/parameters/1", {"name": "q", "in": "query", "schema": {"type": "string"}}, None),
    (f"{POST}/parameters/1", {"name": "q", "in": "query", "required": True}, "parameter q: it is new and required"),
    (f"{POST}/requestBody/required", True, "the body is required now"),
    (f"{POST}/requestBody", ABSENT, "the body is gone"),
    (f"{POST}/requestBody/content", {"application/yaml": {}}, "the body: application/json is gone"),
    (f"{POST}/responses/409", ABSENT, "the status 409 is gone"),
    (f"{POST}/responses/202", {}, "the status 202 is new"),
    (f"{POST}/responses/422", {}, None),
    (f"{POST}/responses/201/headers", {}, "the header Location is gone"),
    (f"{POST}/responses/201/headers/Location/required", False, "the header Location is no longer always there"),
    (f"{NEW}/required", ["name", "kind"], "the body/kind: it is required now"),
    (f"{NEW}/required", [], None),
    (f"{NEW}/properties/kind", ABSENT, "the body/kind: it is gone"),
    (f"{NEW}/properties/more", {"type": "string"}, None),
    (f"{NEW}/properties/kind/enum", ["a"], "the body/kind: b is taken no more"),
    (f"{NEW}/properties/kind/enum", ["a", "b", "c"], None),
    (f"{NEW}/properties/name/enum", ["x"], "it must be one of ['x'] now"),
    (f"{NEW}/properties/name/maxLength", 100, "the body/name: maxLength is 100 now, it was 200"),
    (f"{NEW}/properties/name/maxLength", 300, None),
    (f"{NEW}/properties/name/maxLength", ABSENT, None),
    (f"{NEW}/properties/name/pattern", "^x", "pattern is ^x now"),
    (f"{NEW}/properties/name/format", "email", "format is email now"),
    (f"{NEW}/properties/note/type", "string", "the body/note: it can no longer be null"),
    (f"{NEW}/properties/name/type", ["string", "null"], None),
    (f"{NEW}/properties/parts/maxItems", 5, "the body/parts: maxItems is 5 now"),
    (f"{NEW}/properties/how/oneOf/1", ABSENT, "the body/how: That is taken no more"),
    ("/components/schemas/This/required", ["x", "z"], "the body/how (This)/z: it is required now"),
    (f"{THING}/properties/count", ABSENT, "the 201/count: it is gone"),
    (f"{THING}/properties/more", {"type": "string"}, None),
    (f"{THING}/required", ["id", "kind"], "the 201/made_on: it is no longer always there"),
    (f"{THING}/required", ["id", "kind", "made_on", "count"], None),
    (f"{THING}/properties/count/type", ["integer", "null"], "the 201/count: it can be null"),
    (f"{THING}/properties/count/type", "number", "the 201/count: it can be number"),
    (f"{THING}/properties/made_on/format", ABSENT, "the 201/made_on: its format is None"),
    (f"{THING}/properties/kind/enum", ["a", "b", "c"], None),
    (f"{THING}/properties/id/maxLength", 10, None),
    (f"{THING}/properties/note", {"$ref": "#/components/schemas/This"}, None),
    (f"{THING}/properties/inner", {"$ref": "#/components/schemas/This"}, None),
    (f"{THING}/properties/how/oneOf/2", {"type": "integer"}, "the 201/how: alternative 3 can come now"),
    (f"{THING}/properties/id", {}, "the 201/id: it can be of any type"),
    ("/components/schemas/This/properties/x/type", "integer", "the 201/inner/x: it can be integer"),
    ("/components/schemas/This/description", "Other words.", None),
    ("/webhooks/thing.made", ABSENT, "webhook thing.made: it is gone"),
    ("/info/version", "0.1.1", None),
]


def changed(pointer, value):
    """The document with this change."""
    result = copy.deepcopy(SMALL)
    *parents, last = [part.replace("~1", "/") for part in pointer.split("/")[1:]]
    at = result
    for part in parents:
        at = at[int(part)] if isinstance(at, list) else at[part]
    if isinstance(at, list):
        last = int(last)
        at[last : last + 1] = [] if value is ABSENT else [value]
    elif value is ABSENT:
        del at[last]
    else:
        at[last] = value
    return result


class Breaks(unittest.TestCase):
    def test_each_change_is_judged(self):
        for pointer, value, expected in CHANGES:
            with self.subTest(pointer=pointer, value=value):
                found = document.breaks(SMALL, changed(pointer, value))
                if expected is None:
                    self.assertEqual(found, [])
                else:
                    self.assertTrue(any(expected in line for line in found), f"{expected!r} is not in {found}")

    def test_a_document_does_not_break_itself(self):
        self.assertEqual(document.breaks(SMALL, SMALL), [])
        current = json.loads((command.ROOT / command.CURRENT).read_text(encoding="utf-8"))
        self.assertEqual(document.breaks(current, current), [])

    def test_a_break_in_the_real_document_is_found(self):
        current = json.loads((command.ROOT / command.CURRENT).read_text(encoding="utf-8"))
        broken = copy.deepcopy(current)
        del broken["components"]["schemas"]["Partner"]["properties"]["country"]
        found = document.breaks(current, broken)
        self.assertTrue(any(line.endswith("/country: it is gone") for line in found), found)

    def test_a_version_allows_breaks_or_not(self):
        allowed = [("0.1.0", "0.2.0"), ("0.1.3", "1.0.0"), ("1.4.0", "2.0.0")]
        refused = [("0.1.0", "0.1.1"), ("0.2.0", "0.1.0"), ("1.0.0", "1.1.0"), ("2.0.0", "1.9.0"), ("0.1.0", "0.1.0")]
        self.assertTrue(all(command.allows(*pair) for pair in allowed))
        self.assertFalse(any(command.allows(*pair) for pair in refused))


if __name__ == "__main__":
    unittest.main()
