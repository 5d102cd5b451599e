"""The published contract is fresh, valid, and breaks nobody who holds the released one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.validators import Draft202012Validator

import schemas
from schemas import TOPICS
from schemas.compatibility import Party, breaks
from schemas.publish import (
    CONTRACT_VERSION,
    PUBLISHED_DIR,
    asyncapi,
    documents,
    message_schema,
    render,
    schema_file_name,
)
from tests.schemas.examples import example_of

RELEASED_DIR = Path(schemas.__file__).parent / "released"


def released() -> list[Path]:
    """Messages that this version must not break: of the last release, unless a major one is due."""
    major = CONTRACT_VERSION.partition(".")[0]
    releases = [path for path in RELEASED_DIR.iterdir() if path.name.partition(".")[0] == major]
    if not releases:
        return []
    last = max(releases, key=lambda path: tuple(map(int, path.name.split("."))))
    return sorted(last.iterdir())


@pytest.mark.parametrize("name", sorted(documents()))
def test_published_file_is_fresh(name: str) -> None:
    on_disk = (PUBLISHED_DIR / name).read_text(encoding="utf-8")
    assert on_disk == render(documents()[name]), "stale: run `make schemas` and commit the result"


def test_nothing_else_is_published() -> None:
    assert {path.name for path in PUBLISHED_DIR.iterdir()} == set(documents())


@pytest.mark.parametrize("topic", list(TOPICS), ids=lambda topic: topic.name)
def test_message_on_the_wire_obeys_its_published_schema(topic: schemas.Topic) -> None:
    schema = message_schema(topic)
    Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(example_of(topic).to_bytes()), schema)


@pytest.mark.parametrize("file", released(), ids=lambda file: file.name)
def test_change_breaks_no_reader_or_writer_of_the_last_release(file: Path) -> None:
    topics = {schema_file_name(topic): topic for topic in TOPICS}
    assert file.name in topics, "what was released is dropped by a major version only"
    before = json.loads(file.read_text(encoding="utf-8"))
    found = breaks(before, message_schema(topics[file.name]))
    assert not found, "\n".join(map(str, found))


def test_asyncapi_names_every_topic_and_resolves_every_reference() -> None:
    document = asyncapi()
    assert {channel["address"] for channel in document["channels"].values()} == {
        topic.name for topic in TOPICS
    }
    for reference in references_in(document):
        node: object = document
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(node, dict), reference
            assert step in node, reference
            node = node[step]


def references_in(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in references_in(value)]
    if isinstance(node, list):
        return [ref for value in node for ref in references_in(value)]
    return []


BASE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "maxLength": 10},
        "kind": {"enum": ["a", "b"], "type": "string"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
    },
    "required": ["id", "kind"],
    "$defs": {"Part": {"type": "object", "properties": {"n": {"type": "integer"}}}},
}


def changed(**properties: object) -> dict[str, object]:
    return {**BASE, "properties": {**BASE["properties"], **properties}}


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        pytest.param(BASE, [], id="no change"),
        pytest.param(changed(extra={"type": "string"}), [], id="optional field added"),
        pytest.param(
            {**changed(extra={"type": "string"}), "required": ["id", "kind", "extra"]},
            [(Party.WRITER, "$.extra")],
            id="required field added",
        ),
        pytest.param(
            {**BASE, "required": ["id"]}, [(Party.READER, "$.kind")], id="field made optional"
        ),
        pytest.param(
            changed(id={"type": "string", "maxLength": 5}),
            [(Party.WRITER, "$.id")],
            id="bound narrowed",
        ),
        pytest.param(changed(id={"type": "string"}), [(Party.READER, "$.id")], id="bound dropped"),
        pytest.param(
            changed(kind={"enum": ["a"], "type": "string"}),
            [(Party.WRITER, "$.kind")],
            id="enum value removed",
        ),
        pytest.param(
            changed(kind={"enum": ["a", "b", "c"], "type": "string"}),
            [(Party.READER, "$.kind")],
            id="enum value added",
        ),
        pytest.param(
            changed(note={"anyOf": [{"type": "string"}]}),
            [(Party.WRITER, "$.note")],
            id="null no longer accepted",
        ),
        pytest.param(
            {
                **BASE,
                "$defs": {"Part": {"type": "object", "properties": {"n": {"type": "number"}}}},
            },
            [(Party.WRITER, "$.parts[].n"), (Party.READER, "$.parts[].n")],
            id="type changed behind a reference",
        ),
    ],
)
def test_compatibility_check_says_who_breaks_and_where(
    current: dict[str, object], expected: list[tuple[Party, str]]
) -> None:
    assert [(found.party, found.path) for found in breaks(BASE, current)] == expected


def test_compatibility_check_sees_a_removed_field() -> None:
    current = {**BASE, "properties": {k: v for k, v in BASE["properties"].items() if k != "note"}}
    assert [(found.party, found.path) for found in breaks(BASE, current)] == [
        (Party.READER, "$.note")
    ]
