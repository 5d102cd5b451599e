"""Values of a JSON Schema, as far as our documents use the language (draft 2020-12)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
Values = st.SearchStrategy[Any]

FORMATS: dict[str, Values] = {
    "uuid": st.uuids().map(str),
    "date": st.dates().map(str),
    "date-time": st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    "duration": st.just("PT1S"),
}
MOST_PARTS = 3
MOST_LETTERS = 60


def matching(schema: Schema, schemas: dict[str, Schema], depth: int = 6) -> Values:
    """Values that the schema allows, mostly; bounds that it does not know are for the server."""
    if "$ref" in schema:
        return st.deferred(lambda: matching(_named(schema, schemas), schemas, depth - 1))
    if "anyOf" in schema:
        return st.one_of([matching(part, schemas, depth) for part in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    by_type = {"object": _object, "array": _array}
    if schema.get("type") in by_type:
        return by_type[schema["type"]](schema, schemas, depth)
    return _plain(schema)


def _plain(schema: Schema) -> Values:
    least, most = schema.get("minimum"), schema.get("maximum")
    plain = {
        "string": lambda: _string(schema),
        "integer": lambda: st.integers(least, most),
        "number": lambda: st.floats(least, most, allow_nan=False, allow_infinity=False),
        "boolean": st.booleans,
    }
    return plain.get(str(schema.get("type")), st.none)()


def _string(schema: Schema) -> Values:
    if "format" in schema:
        return FORMATS[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    most = min(schema.get("maxLength", MOST_LETTERS), MOST_LETTERS)
    return st.text(min_size=min(schema.get("minLength", 0), most), max_size=most)


def _array(schema: Schema, schemas: dict[str, Schema], depth: int) -> Values:
    inner = matching(schema.get("items", {}), schemas, depth - 1)
    least = schema.get("minItems", 0)
    most = max(least, min(schema.get("maxItems", MOST_PARTS), MOST_PARTS if depth > 0 else 0))
    return st.lists(inner, min_size=least, max_size=most)


def _object(schema: Schema, schemas: dict[str, Schema], depth: int) -> Values:
    required = set(schema.get("required", ()))
    parts = {
        name: matching(part, schemas, depth - 1)
        for name, part in schema.get("properties", {}).items()
    }
    if not parts:
        return st.just({})
    optional = {name: part for name, part in parts.items() if name not in required}
    return st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name in required},
        optional=optional if depth > 0 else {},
    )


def _named(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    return schemas[schema["$ref"].rpartition("/")[2]]
