"""The JSON Schema says of a document what `load` says of it, as far as a schema can."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
import tomli
from jsonschema import Draft7Validator

from wampsup.config import load
from wampsup.config.json_schema import fleet_schema, fleet_schema_text
from wampsup.config.schema import FleetTable, Table
from wampsup.errors import FleetFileError
from wampsup.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGS = Path(__file__).parents[3] / "configs"
SCHEMA = fleet_schema()
VALIDATOR = Draft7Validator(SCHEMA)
FINE = '[components.fine]\nmain = "fine:main"\n'
X = '[components.x]\nmain = "x:main"\n'


def complaints(text: str) -> list[str]:
    """The places of what the schema finds wrong, and what it says."""
    errors = sorted(VALIDATOR.iter_errors(tomli.loads(text)), key=lambda error: [str(key) for key in error.path])
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in errors]


def loads(folder: Path, text: str) -> bool:
    path = folder / "edge.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load(path)
    except FleetFileError:
        return False
    return True


def resolved(schema: Any) -> Any:
    """What a schema refers to, if it does: a place in the whole."""
    if not isinstance(schema, dict) or "$ref" not in schema:
        return schema
    found = SCHEMA
    for key in schema["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return found


def keys_of_schema(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each key of a table of the schema, with the schema of its value; `*` is any name, and a list no step."""
    schema = resolved(schema)
    for key, value in schema.get("properties", {}).items():
        yield f"{path}{key}", resolved(value)
        yield from keys_of_schema(value, f"{path}{key}.")
    for key, step in (("additionalProperties", "*."), ("items", "")):
        if isinstance(schema.get(key), dict):
            yield from keys_of_schema(schema[key], path + step)


def keys_of_model(model: type[Table], path: str = "") -> Iterator[str]:
    """The same of the models."""
    for name, field in model.model_fields.items():
        key = f"{path}{field.alias or name}"
        yield key
        yield from keys_in(field.annotation, f"{key}.")


def keys_in(annotation: Any, path: str) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield from keys_of_model(annotation, path)
    elif annotation is Secret:
        yield from (f"{path}env", f"{path}file")
    elif getattr(annotation, "__origin__", None) is dict:
        yield from keys_in(get_args(annotation)[1], f"{path}*.")
    else:
        for argument in get_args(annotation):
            yield from keys_in(argument, path)


TYPES = ("string", "integer", "number", "boolean", "array", "object")
KEYS = dict(keys_of_schema(SCHEMA))


# What it is made of


def test_it_is_a_schema_of_the_dialect_that_it_names() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(SCHEMA)


def test_it_knows_the_keys_that_the_models_know() -> None:
    assert set(KEYS) == set(keys_of_model(FleetTable))
    assert {"components.*.transports.endpoint.tls.trust_root", "groups.*.window"} <= set(KEYS)


def test_every_table_but_free_ones_refuses_other_keys() -> None:
    tables = {key for key, value in KEYS.items() if "properties" in value and not key.endswith(".authextra")}
    assert {"supervisor", "defaults", "components.*.transports.endpoint.tls"} <= tables
    assert [key for key in tables if KEYS[key].get("additionalProperties") is not False] == []


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_description(key: str) -> None:
    description = KEYS[key]["description"]
    assert description[0].isupper() or description[0] in "`."
    assert not description.endswith(".") or ". " in description  # a period is for several sentences


@pytest.mark.parametrize("key", KEYS)
def test_every_key_says_of_which_type_it_is(key: str) -> None:
    types = KEYS[key]["type"]
    assert set([types] if isinstance(types, str) else types) <= set(TYPES)


def test_defaults_are_those_of_the_models_as_a_person_writes_them() -> None:
    defaults = {key: value["default"] for key, value in KEYS.items() if "default" in value}
    assert defaults["supervisor.stop_timeout"] == 60
    assert isinstance(defaults["supervisor.stop_timeout"], int)
    assert defaults["supervisor.log_level"] == "info"
    assert defaults["components.*.restart.jitter"] == 0.1
    assert defaults["components.*.autostart"] is True
    assert "components.*.restart" not in defaults
    assert "components.*.realm" not in defaults


def test_taplo_finds_in_it_what_it_can_follow() -> None:
    """It loses a description beside a `$ref`, follows none out of the file, and is lost in `allOf`."""

    def parts(schema: Any) -> Iterator[dict[str, Any]]:
        if isinstance(schema, dict):
            yield schema
            for value in schema.values():
                yield from parts(value)
        elif isinstance(schema, list):
            for value in schema:
                yield from parts(value)

    for part in parts(SCHEMA):
        assert "allOf" not in part
        if "$ref" in part:
            assert list(part) == ["$ref"]
            assert part["$ref"].startswith("#/")


# What it takes


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_it_takes_the_fleets_that_come_with_wampsup(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#:schema fleet.schema.json\n")
    assert complaints(text) == []


def test_the_file_beside_them_is_the_schema() -> None:
    """`scripts/reference` writes it."""
    assert (CONFIGS / "fleet.schema.json").read_text(encoding="utf-8") == fleet_schema_text()


RIGHT = [
    FINE,
    '[supervisor]\nname = "edge-1.b"\nsocket_mode = "660"\nlog_level = "trace"\nexit_when = "all-done"\n' + FINE,
    '[router]\nlisten = "ws://127.0.0.1:0/ws"\n' + FINE,
    '[router]\nlisten = ["ws://[::1]:8080", "rs://localhost:1", "rs://unix:a/b.sock"]\nrealms = ["a", "b"]\n' + FINE,
    '[components.x]\nsession_factory = "m:C.nested"\nmain = "p.m:f"\n',
    '[components.x]\ncomponent = "größe:ort"\n',
    X + 'transports = "wss://router.example"\n',
    X + 'transports = "rss://router.example:443"\n',
    X + 'transports = ["ws://unix:/run/x", "rs://unix:x.sock"]\n',
    X + 'transports = { url = "ws://h/?a=b", type = "websocket", serializers = ["cbor", "json"] }\n',
    X + '[[components.x.transports]]\nurl = "rs://h:1"\nserializer = "cbor"\nmax_retries = 3\n',
    X + 'transports = { type = "rawsocket", endpoint = "tcp:h:1" }\n',
    X + 'transports = { type = "rawsocket", endpoint = { path = "x.sock", timeout = 1.5 } }\n',
    X + 'transports = { url = "ws://h", endpoint = { host = "h", port = 1, version = 6, tls = true } }\n',
    X + 'transports = { url = "ws://h", endpoint = { host = "h", port = 1, tls = { trust_root = ["a", "b"] } } }\n',
    X + 'transports = { url = "ws://h", options.x = [1], headers = { a = "b" }, proxy = { host = "p", port = 1 } }\n',
    X + "restart = { initial_delay = 1, max_delay = 2.5, max_restarts = -1, jitter = 0 }\n",
    X + 'is_fatal = "m:f"\n',
    X + 'is_fatal = ["wamp.error.*", "builtins.ValueError", "m:f"]\n',
    X + 'after = "fine"\nrequires = ["group:g"]\ngroup = "g"\ninstances = 0\n[groups.g]\n' + FINE,
    X + "extra = { a = 1, b = { c = [true] } }\n",
    '[defaults.health]\nprocedure = "a.b"\n[components.x]\nmain = "x:main"\nhealth = { interval = 1 }\n',
]


@pytest.mark.parametrize("text", RIGHT)
def test_it_takes_what_loads(tmp_path: Path, text: str) -> None:
    assert loads(tmp_path, text)
    assert complaints(text) == []


def test_it_takes_a_file_that_others_include_or_that_includes_them() -> None:
    assert complaints('[supervisor]\ninclude = ["conf.d/*.toml"]\n') == []
    assert complaints('[defaults]\nrealm = "r"\n') == []


def is_plain(schema: Any) -> bool:
    return schema["type"] not in ("object", "array", ["object"], ["array"])


@pytest.mark.parametrize("key", [key for key, value in KEYS.items() if is_plain(value)])
def test_every_plain_value_may_be_a_string_with_a_variable(key: str) -> None:
    validator = Draft7Validator(KEYS[key])
    assert list(validator.iter_errors("${SOME_NAME:-a value}")) == []
    assert list(validator.iter_errors("a$${b}${C}")) == []


def test_every_string_of_a_list_may_hold_a_variable() -> None:
    lists = {key: value["items"] for key, value in KEYS.items() if "items" in value}
    assert {"router.listen", "components.*.is_fatal", "components.*.transports.serializers"} <= set(lists)
    for items in lists.values():
        assert Draft7Validator(items).is_valid("${SOME_NAME:-a value}")


# What it refuses

WRONG = [
    ("main = 3", "components.x.main: 3 is not of type 'string'"),
    ('main = "clock"', "components.x.main: 'clock' does not match"),
    ('main = "a b:c"', "components.x.main: 'a b:c' does not match"),
    ('main = "a:b:c"', "components.x.main: 'a:b:c' does not match"),
    ('main = "m:f"\nautostrat = true', "components.x: Additional properties are not allowed ('autostrat' was"),
    ('realm = "r"', "components.x: 'main' is a required property"),
    ('main = "m:f"\ncomponent = "m:g"', "components.x: False schema does not allow 'm:f'"),
    ('component = "m:f"\nsession_factory = "m:g"', "components.x: False schema does not allow 'm:g'"),
    ('main = "m:f"\nrealm = "a b"', "components.x.realm: 'a b' does not match"),
    ('main = "m:f"\nautostart = "no"', "components.x.autostart: 'no' does not match '"),
    ('main = "m:f"\ninstances = 10001', "components.x.instances: 10001 is greater than the maximum of 10000"),
    ('main = "m:f"\ninstances = 1.5', "components.x.instances: 1.5 is not of type 'integer', 'string'"),
    ('main = "m:f"\nstart_timeout = 0', "components.x.start_timeout: 0 is less than or equal to the minimum of 0"),
    ('main = "m:f"\non_user_error = "die"', "components.x.on_user_error: 'die' is not one of ['fail', 'log']"),
    ('main = "m:f"\nis_fatal = "ValueError"', "components.x.is_fatal: 'ValueError' does not match"),
    ('main = "m:f"\nis_fatal = [1]', "components.x.is_fatal.0: 1 is not of type 'string'"),
    ('main = "m:f"\nafter = 1', "components.x.after: 1 is not of type 'string', 'array'"),
    ('main = "m:f"\nextra = 1', "components.x.extra: 1 is not of type 'object'"),
    ('main = "m:f"\nrestart = "always"', "components.x.restart: 'always' is not of type 'object'"),
    ('main = "m:f"\nrestart.policy = "allways"', "components.x.restart.policy: 'allways' is not one of ["),
    ('main = "m:f"\nrestart.jitter = 1.1', "components.x.restart.jitter: 1.1 is greater than the maximum of 1"),
    ('main = "m:f"\nrestart.max_restarts = -2', "components.x.restart.max_restarts: -2 is less than the minimum of -1"),
    ('main = "m:f"\nhealth.procedure = "a..b"', "components.x.health.procedure: 'a..b' does not match"),
    ('main = "m:f"\ntransports = "http://h"', "components.x.transports: 'http://h' does not match"),
    ('main = "m:f"\ntransports = "rs://h"', "components.x.transports: 'rs://h' does not match"),
    ('main = "m:f"\ntransports = "rs://h:1/x"', "components.x.transports: 'rs://h:1/x' does not match"),
    ('main = "m:f"\ntransports = []', "components.x.transports: [] "),
    ('main = "m:f"\ntransports = ["ws://h", 3]', "components.x.transports.1: 3 is not of type 'string', 'object'"),
    ('main = "m:f"\ntransports = {}', "components.x.transports: 'url' is a required property"),
    ('main = "m:f"\ntransports = [{ type = "rawsocket" }]', "components.x.transports.0: 'url' is a required property"),
    ('main = "m:f"\ntransports = { url = "ws://h", type = "tcp" }', "components.x.transports.type: 'tcp' is not one"),
    (
        'main = "m:f"\ntransports = { url = "rs://h:1", serializer = "cbor", serializers = ["cbor"] }',
        "components.x.transports: False schema does not allow ['cbor']",
    ),
    (
        'main = "m:f"\ntransports = { url = "ws://h", serializers = ["xml"] }',
        "components.x.transports.serializers.0: 'xml' is not one of ['json', 'msgpack',",
    ),
    (
        'main = "m:f"\ntransports = { url = "ws://h", endpoint = { host = "h" } }',
        "components.x.transports.endpoint: 'port' is a required property",
    ),
    (
        'main = "m:f"\ntransports = { url = "ws://h", endpoint = { path = "p", port = 1 } }',
        "components.x.transports.endpoint: False schema does not allow 1",
    ),
    (
        'main = "m:f"\ntransports = { url = "ws://h", endpoint = { host = "h", port = 1, version = 5 } }',
        "components.x.transports.endpoint.version: 5 is not one of [4, 6]",
    ),
    (
        'main = "m:f"\ntransports = { url = "ws://h", endpoint = { host = "h", port = 1, tls = { key = "k" } } }',
        "components.x.transports.endpoint.tls: 'certificate' is a dependency of 'key'",
    ),
    (
        'main = "m:f"\ntransports = { url = "ws://h", endpoint = { host = "h", port = 1, tls = "yes" } }',
        "components.x.transports.endpoint.tls: 'yes' does not match '",
    ),
    ('main = "m:f"\n["components"."a b"]\nmain = "m:f"', "components: 'a b' does not match"),
    ('main = "m:f"\n["components"."a.toml"]\nmain = "m:f"', "components: 'a.toml' does not match"),
    ('main = "m:f"\n[supervisor]\nname = "fleet.toml"', "supervisor.name: 'fleet.toml' does not match"),
    ('main = "m:f"\n[supervisor]\nsocket_mode = "999"', "supervisor.socket_mode: '999' does not match"),
    ('main = "m:f"\n[supervisor]\npython_path = "lib"', "supervisor.python_path: 'lib' is not of type 'array'"),
    ('main = "m:f"\n[router]', "router: 'listen' is a required property"),
    ('main = "m:f"\n[router]\nlisten = "wss://h"', "router.listen: 'wss://h' does not match"),
    ('main = "m:f"\n[router]\nlisten = "ws://unix:x"', "router.listen: 'ws://unix:x' does not match"),
    ('main = "m:f"\n[groups.g]\nstrategy = "one"', "groups.g.strategy: 'one' is not one of ["),
    (
        'main = "m:f"\n[component.y]\nmain = "m:f"',
        ": Additional properties are not allowed ('component' was unexpected)",
    ),
]


@pytest.mark.parametrize(("lines", "complaint"), WRONG, ids=[lines for lines, _ in WRONG])
def test_it_refuses_at_its_place_what_does_not_load(tmp_path: Path, lines: str, complaint: str) -> None:
    text = f"[components.x]\n{lines}\n"
    assert not loads(tmp_path, text)
    (found,) = complaints(text)
    assert found.startswith(complaint)
