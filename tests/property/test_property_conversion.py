"""Whatever a configuration of Crossbar.io holds, a fleet file that is made of it is right, or there is none."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from support.nodes import EXAMPLES, WITHOUT
from wampsup.config import load
from wampsup.conversion import convert
from wampsup.errors import WampsupError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner), max_leaves=5
)
ANYBODY = 4711
"""Not root, who would be careful with `/tmp`."""

KNOWN = [*EXAMPLES.values(), *WITHOUT.values()]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in pairs for place in places(inner, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@st.composite
def configurations(draw: st.DrawFn) -> Any:
    """A configuration as somebody wrote it, with something else in a few of its places."""
    config = draw(st.sampled_from(KNOWN))
    for _ in range(draw(st.integers(1, 3))):
        other = draw(st.sampled_from(KNOWN))
        part: Any = other
        for key in draw(st.sampled_from(places(other))):
            part = part[key]
        config = replaced(config, draw(st.sampled_from(places(config))), draw(ANYTHING | st.just(part)))
    return config


@given(config=configurations())
@settings(max_examples=300, deadline=None)
def test_a_conversion_is_right_or_says_why_there_is_none(config: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        try:
            conversion = convert(path)
        except WampsupError as error:
            refusal = error.message
        else:
            refusal = ""
        assert "can't be converted" not in refusal  # which would be a mistake of ours
        if refusal:
            return
        assert all("\n" not in note.about() for note in conversion.notes)
        if conversion.text is not None:
            file = Path(folder) / "fleet.toml"
            file.write_text(conversion.text, encoding="utf-8")
            names = [component.name for component in load(file, uid=ANYBODY).spec.components]
            assert names == list(tomli.loads(conversion.text)["components"])
