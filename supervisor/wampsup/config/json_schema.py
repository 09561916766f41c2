"""The JSON Schema of fleet files, for editors: made from the models of `config.schema`, without references to follow.

What pydantic makes of them is right, but of little help to who types. So here

- a value that may be of several kinds is one schema of several types, each of whose keywords is about one of them: an
  editor then tells what is wrong with a table, and not that "none of 3 schemas" takes it;
- a string may hold `${NAME}`, whatever else it must look like, and stand for a number, `true` or `false` then;
- what keys ask of each other is added as far as the dialect can say it. Neither says the schema that something is
  missing which an included file or `[defaults]` may hold.

The dialect is draft 7, which Taplo and other editors know. Taplo takes its completions from `properties`, `anyOf` and
`enum` alone, passes over what stands beside a `$ref`, and gets lost in `allOf`; its messages come from all keywords.
"""

from __future__ import annotations

import json
from typing import Any

from wampsup.config.names import NAME_PATTERN
from wampsup.config.schema import ComponentTable, DefaultsTable, EndpointTable, FleetTable, TlsTable, TransportTable

_DIALECT = "http://json-schema.org/draft-07/schema#"
VARIABLE = r"\$\{"
_HOLDS_VARIABLE = {"type": "string", "pattern": VARIABLE}
_PLAIN = {"integer", "number", "boolean"}
_NOTHING = {"type": "null"}

_FIRST = ("description", "type", "default")
"""The order of keywords for who reads it."""

_Schema = dict[str, Any]

_RULES: dict[str, _Schema] = {
    ComponentTable.__name__: {
        "if": {"required": ["component"]},
        "then": {"properties": {"main": False, "session_factory": False}},
        "else": {"if": {"required": ["session_factory"]}, "else": {"required": ["main"]}},
    },
    TransportTable.__name__: {
        "dependencies": {"serializer": {"properties": {"serializers": False}}},
        "if": {"properties": {"type": {"const": "rawsocket"}}, "required": ["type", "endpoint"]},
        "else": {"required": ["url"]},
    },
    EndpointTable.__name__: {
        "if": {"required": ["path"]},
        "then": {"properties": {"host": False, "port": False, "version": False}},
        "else": {"required": ["host", "port"]},
    },
    TlsTable.__name__: {"dependencies": {"key": ["certificate"]}},
}
"""What the keys of a table ask of each other. These keywords are about tables alone, and pass over anything else."""


def fleet_schema() -> _Schema:
    """The schema of a fleet file, or of a file that one includes; the same each time."""
    raw = FleetTable.model_json_schema(ref_template="{model}")
    tables = {name: {**table, **_RULES.get(name, {})} for name, table in raw.pop("$defs").items()}
    schema = _plain(raw, tables)
    for key in ("components", "groups"):
        schema["properties"][key]["propertyNames"] = {"pattern": NAME_PATTERN}
    _refer(schema["properties"]["components"]["additionalProperties"]["properties"], schema["properties"]["defaults"])
    return {"$schema": _DIALECT, "title": "A fleet file of wampsup", **schema}


def fleet_schema_text() -> str:
    """The schema as a file holds it."""
    return json.dumps(fleet_schema(), indent=2) + "\n"


def _plain(raw: _Schema, tables: dict[str, _Schema]) -> _Schema:
    """A schema as an editor wants it, with the tables in it in the place of references to them."""
    flat = _with_variables(_with_default(_flat(raw, tables)))
    schema = {key: flat[key] for key in (*_FIRST, *flat) if key in flat}
    if "properties" in schema:
        schema["properties"] = {key: _plain(value, tables) for key, value in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            schema[key] = _plain(schema[key], tables)
    if schema.get("additionalProperties") is True:
        del schema["additionalProperties"]
    return schema


def _flat(schema: _Schema, tables: dict[str, _Schema]) -> _Schema:
    """A schema that neither refers to another one nor, if that can be, has a choice of them."""
    schema = {key: value for key, value in schema.items() if key not in ("title", "discriminator")}
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if "$ref" in schema:
        schema = {**tables[schema.pop("$ref")], **schema}
        schema.pop("title", None)
    kinds = schema.pop("oneOf", []) + schema.pop("anyOf", [])
    return {**_merged([_flat(kind, tables) for kind in kinds if kind != _NOTHING]), **schema}


def _merged(kinds: list[_Schema]) -> _Schema:
    """One schema of several types; where two of them ask the same in different words, a choice of schemas."""
    merged: _Schema = {}
    for kind in kinds:
        for key, value in kind.items():
            if key == "type" and key in merged:
                merged[key] = [*_types(merged), *_types(kind)]
            elif merged.setdefault(key, value) != value and key != "description":
                return {"anyOf": kinds}
    return merged


def _types(schema: _Schema) -> list[str]:
    types = schema["type"]
    return types if isinstance(types, list) else [types]


def _with_default(schema: _Schema) -> _Schema:
    """The default as a person would write it, where it is a value of its own and not that of a table's keys."""
    default = schema.pop("default", None)
    if default is None or isinstance(default, dict):
        return schema
    return {**schema, "default": int(default) if isinstance(default, float) and default.is_integer() else default}


def _with_variables(schema: _Schema) -> _Schema:
    """A string of any form, or one that holds a variable, whose value nobody knows yet; also one for a number."""
    if "pattern" in schema:
        return {**schema, "pattern": schema["pattern"].replace(r"\z", "$") + f"|{VARIABLE}"}
    types = _types(schema) if "type" in schema else []
    if "string" not in types and not _PLAIN.isdisjoint(types):
        schema = {**schema, "type": [*types, "string"], **({} if "enum" in schema else {"pattern": VARIABLE})}
    if "enum" not in schema:
        return schema
    words = {"enum": schema.pop("enum")}
    # The first of the choices is there to be completed; the second one lets anything pass, for a better message.
    known = {key: schema[key] for key in ("description", "default") if key in schema}
    schema = {**schema, "anyOf": [{**known, **words}, True], "if": _HOLDS_VARIABLE, "else": words}
    # Taplo shows the descriptions of all that stand at a place, one below the other.
    return {**schema, "x-taplo": {"docs": {"main": ""}}} if "description" in schema else schema


def _refer(keys: dict[str, _Schema], defaults: _Schema) -> None:
    """Say once what a component and the defaults have in common."""
    for key in DefaultsTable.model_fields:
        if keys[key] == defaults["properties"][key]:
            keys[key] = {"$ref": f"#/properties/defaults/properties/{key}"}
