"""Reading what is no configuration, and what the file that is written looks like."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.nodes import a_class, container, node, unix_rawsocket, websocket
from wampsup.conversion import convert
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.converted import Import
    from wampsup.conversion import Conversion

NO_NODE = "is no configuration of a Crossbar.io node:"
UNREADABLE: dict[str, tuple[str, bytes, str]] = {
    "no JSON": (
        "config.json",
        b'{"workers": [}',
        "is not valid JSON: expecting value at line 1, column 14",
    ),
    "empty": ("config.json", b"", "is not valid JSON: expecting value at line 1, column 1"),
    "no YAML": (
        "config.yaml",
        b"workers: [\n  - :\n",
        "is not valid YAML: expected the node content, but found '-' at line 2, column 3",
    ),
    "a character": (
        "config.yaml",
        b"a: \x07",
        "is not valid YAML: unacceptable character #x0007: special characters are not allowed",
    ),
    "a date": ("config.yaml", b"a: 2001-99-99", "holds a value that can't be read: month must be in 1..12"),
    "no text": ("config.json", b"\xff", "is not valid UTF-8"),
    "half a character": (
        "config.json",
        b'{"workers": ["\\ud800"]}',
        "holds half of a character: a surrogate without its other half",
    ),
    "too deep": ("config.json", b"[" * 100_000 + b"]" * 100_000, "nests objects or lists too deeply"),
    "an alias in itself": ("config.yaml", b"workers: &a [*a]", "holds something that is a part of itself"),
    "a list": ("config.json", b"[]", f"{NO_NODE} it must be an object, not a list"),
    "nothing": ("config.yaml", b"", f"{NO_NODE} it must be an object, not `None`"),
    "no workers": ("config.json", b'{"workers": 7}', f"{NO_NODE} `workers` must be a list, not `7`"),
    "something else": (
        "config.json",
        b'{"name": "x", "scripts": {}}',
        f"{NO_NODE} it has none of `controller`, `version`, `workers`",
    ),
}


@pytest.mark.parametrize(("name", "content", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_configuration_gets_one_sentence(name: str, content: bytes, message: str, folder: Path) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(WampsupError) as caught:
        convert(folder / name)
    assert caught.value.message == f"`{folder / name}` {message}"
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 1


def test_no_file(folder: Path) -> None:
    with pytest.raises(WampsupError) as caught:
        convert(folder / "config.json")
    assert caught.value.message == f"no Crossbar.io configuration at `{folder}/config.json`"


def test_a_folder(folder: Path) -> None:
    with pytest.raises(WampsupError) as caught:
        convert(folder)
    assert (caught.value.message, caught.value.hint) == (
        f"`{folder}` is a folder",
        f"name the file in it, such as `{folder}/config.json`",
    )


def test_what_is_no_regular_file_or_too_large(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    with (folder / "large.json").open("wb") as file:
        file.truncate((1 << 24) + 1)
    refused = {
        folder / "pipe.json": "is no regular file",
        Path("/dev/zero"): "is no regular file",
        folder / "large.json": "is larger than 16 MiB",
    }
    for path, said in refused.items():
        with pytest.raises(WampsupError) as caught:
            convert(path)
        assert caught.value.message == f"`{path}` {said}"


def test_yaml_without_pyyaml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)  # as if it were not installed
    (folder / "config.yaml").write_text("{}")
    with pytest.raises(WampsupError) as caught:
        convert(folder / "config.yaml")
    assert caught.value.render() == (
        f"error: reading `{folder}/config.yaml` takes PyYAML, which is not installed\n"
        "hint: `pip install 'wampsup[yaml]'` brings it; or convert the file to JSON: `crossbar convert`"
    )


def test_an_extra_that_is_too_deep(attempt: Callable[..., Conversion]) -> None:
    extra: Any = {}
    for _ in range(400):
        extra = {"x": extra}
    with pytest.raises(WampsupError) as caught:
        attempt(node(container(a_class("a.B", websocket(), extra=extra))))
    assert caught.value.message.endswith("nests objects or lists too deeply")


def test_a_byte_order_mark_is_passed_over(attempt: Callable[..., Conversion]) -> None:
    document = json.dumps(node(container(a_class("a.B", websocket()))))
    assert attempt(f"\ufeff{document}").text is not None


def test_the_file_reads_as_a_person_would_write_it(runtime: Path) -> None:
    long = {"prefix": "com.example.", "greeting": "Hello to all of you, and to everybody else as well", "n": [1, 2]}
    components: list[Any] = [
        a_class("clock.Clock", unix_rawsocket("sock1"), id="clock"),
        a_class("shop.api.Prices", unix_rawsocket("sock1"), extra=long, role="x"),
    ]
    folder = runtime.resolve() / "n"  # lines are broken where they get too long, and pytest's folders are
    folder.mkdir()
    document = node(container(*components, title="T"), {"type": "guest", "executable": "node"})
    (folder / "config.json").write_text(json.dumps(document))
    text = convert(folder / "config.json").text
    assert text is not None
    head, _, rest = text.partition("\n\n")
    assert head.startswith(
        f"# Made by `wampsup import crossbar {folder}/config.json`.\n#\n# Crossbar.io stays the router."
    )
    assert (
        rest
        == f"""\
[supervisor]
python_path = ["{runtime.resolve()}"]

[defaults]
realm = "realm1"
transports = {{ url = "rs://unix:{folder}/sock1", serializer = "cbor" }}

# workers[0].components[0]
[components.clock]
session_factory = "clock:Clock"
extra = {{ cbdir = "{folder}" }}

# workers[0].components[1]
# role: has no counterpart in a fleet file
[components.Prices]
session_factory = "shop.api:Prices"

[components.Prices.extra]
prefix = "com.example."
greeting = "Hello to all of you, and to everybody else as well"
n = [1, 2]
cbdir = "{folder}"

# Not taken over, or not as it was:
# workers[0].options.title: has no counterpart: all components of a fleet share one process
# workers[1]: a guest (`node`) is a process of its own, and no component
"""
    )


def test_a_long_list_takes_a_line_for_each_value(imported: Import) -> None:
    extra = {"topics": [{"uri": f"com.example.topic.{n}", "retained": True} for n in range(4)]}
    converted = imported(node(container(a_class("a.B", websocket(), extra=extra))))
    assert '\ntopics = [\n    { uri = "com.example.topic.0", retained = true },\n' in converted.text


def test_what_a_configuration_says_never_leaves_its_comment(imported: Import) -> None:
    odd = {"x\n[components.evil]\nmain": "a:b"}
    converted = imported(node(container(a_class("a.B", websocket(), **odd))))
    assert list(converted.document["components"]) == ["B"]
    assert converted.notes == [
        "workers[0].components[0].x\\n[components.evil]\\nmain: has no counterpart in a fleet file"
    ]


def test_paths_are_those_of_the_link_to_a_folder(folder: Path, tmp_path: Path) -> None:
    document = node(container(a_class("a.B", unix_rawsocket("../sock"))))
    (folder / "config.json").write_text(json.dumps(document))
    (tmp_path / "link").symlink_to(folder)
    text = convert(tmp_path / "link" / "config.json").text
    assert text is not None
    assert f'url = "rs://unix:{tmp_path}/sock"' in text
    assert f'cbdir = "{tmp_path}/link"' in text


def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "n\udcff"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(node(container(a_class("a.B", websocket())))))
    with pytest.raises(WampsupError) as caught:
        convert(folder / "config.json")
    assert caught.value.message == f"`{folder}` is no name in UTF-8, which a fleet file must be"


def test_a_folder_that_looks_like_a_variable(tmp_path: Path) -> None:
    folder = tmp_path / "${HOME}"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(node(container(a_class("a.B", unix_rawsocket("sock"))))))
    text = convert(folder / "config.json").text
    assert text is not None
    assert "/${HOME}" not in "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert text.count("/$${HOME}") == 2
