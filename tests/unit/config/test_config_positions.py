"""The position scanner, held against tomli."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from wampsup.config.positions import Span, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.config.positions import Path

NAMES = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
    st.sampled_from(["a.b", "", '"', "'", "a#b", "[x]", "a = 1"]),
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    st.text(st.sampled_from("\"'\\\n #[]{},=ab"), max_size=12),
)
SCALARS = st.one_of(
    TEXTS,
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.booleans(),
    st.datetimes(min_value=dt.datetime(1000, 1, 1)),  # noqa: DTZ001 - TOML has times without a zone
    st.dates(),
    st.times(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)
TABLES = st.recursive(
    st.dictionaries(NAMES, VALUES, max_size=3),
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, max_size=3),
        st.dictionaries(NAMES, st.lists(inner, min_size=1, max_size=3), max_size=2),
    ),
    max_leaves=6,
)


class Writer:
    """Writes values as TOML, in a style that is drawn for each of them."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def _one_of(self, *choices: str) -> str:
        return self._data.draw(st.sampled_from(choices))

    def gap(self) -> str:
        return self._one_of("", " ", "\t  ")

    def blank(self) -> str:
        return self._one_of("", " ", "\n", ' # a "comment", ]} = [x]\n', "\n\n\t")

    def string(self, text: str) -> str:
        escaped = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
        forms = [escaped]
        if "'" not in text and "\n" not in text:
            forms.append(f"'{text}'")
        if "'''" not in text and not text.startswith("\n"):
            forms.append(
                f"'''{text}'''" if not text.endswith("'") or len(text) - len(text.rstrip("'")) < 3 else escaped
            )
        if '"""' not in text and "\\" not in text:
            forms.append(f'"""\n{text}"""')
        return self._one_of(*forms)

    def key(self, name: str) -> str:
        forms = [json.dumps(name, ensure_ascii=False)]
        if "'" not in name:
            forms.append(f"'{name}'")
        if name and name.isascii() and all(char.isalnum() or char in "-_" for char in name):
            forms.append(name)
        return self._one_of(*forms)

    def value(self, value: Any) -> str:
        match value:
            case str():
                return self.string(value)
            case dt.datetime():
                return value.isoformat(self._one_of(" ", "T"))
            case dict():
                return self.items(
                    "{", [f"{self.key(k)}{self.gap()}={self.gap()}{self.value(v)}" for k, v in value.items()], "}"
                )
            case list():
                return self.items("[", [self.value(item) for item in value], "]")
            case dt.date() | dt.time():
                return value.isoformat()
            case _:
                return repr(value).lower()

    def items(self, opening: str, items: list[str], closing: str) -> str:
        text = ",".join(f"{self.blank()}{item}{self.blank()}" for item in items)
        comma = self._one_of("", ",") if items else ""
        return f"{opening}{text}{comma}{self.blank()}{closing}"

    def table(self, table: dict[str, Any], path: tuple[str, ...] = ()) -> str:
        """The table's own lines; those of its tables follow under headers, or are dotted, or inline."""
        own, below = "", ""
        for name, value in table.items():
            here = (*path, name)
            style = self._one_of("inline", "header")
            if style == "header" and isinstance(value, dict):
                below += f"[{self.keys(here)}]{self.blank()}\n{self.table(value, here)}"
            elif style == "header" and isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
                for item in value:
                    below += f"[[{self.keys(here)}]]{self.blank()}\n{self.table(item, here)}"
            elif isinstance(value, dict) and len(value) == 1 and self._one_of("dotted", "inline") == "dotted":
                ((inner, leaf),) = value.items()
                own += f"{self.keys((name, inner))}{self.gap()}= {self.value(leaf)}{self.gap()}\n{self.blank()}"
            else:
                own += f"{self.gap()}{self.key(name)}{self.gap()}={self.gap()}{self.value(value)} # end\n"
        return own + below

    def keys(self, path: tuple[str, ...]) -> str:
        dot = self._one_of(".", " . ")
        return dot.join(self.key(name) for name in path)


def paths(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from paths(inner, (*path, key))


@given(table=TABLES, data=st.data())
def test_each_path_of_a_document_stands_where_its_key_and_its_value_stand(
    table: dict[str, Any], data: st.DataObject
) -> None:
    text = Writer(data).table(table).replace("\r\n", "\n")
    document = tomli.loads(text)
    assert document == table

    spots = scan(text)

    def read(span: Span) -> Any:
        return tomli.loads(f"it = {text[span.start : span.end]}")["it"]

    found = dict(paths(document))
    assert set(spots) == set(found)
    for path, value in found.items():
        spot = spots[path]
        if spot.value:
            assert read(spot.value) == value
        if isinstance(path[-1], str):
            assert spot.key
            assert list(tomli.loads(f"{text[spot.key.start : spot.key.end]} = 0")) == [path[-1]]
        assert spot.leaf == (not isinstance(value, dict | list))


@pytest.mark.parametrize(
    ("text", "path", "key", "value"),
    [
        ("a = 1", ("a",), "a", "1"),
        ("a.b . c = true # no", ("a", "b", "c"), "c", "true"),
        ("a.b = 1", ("a",), "a", None),
        ("[a.b]\nc = 1", ("a",), "a", None),
        ("[a.b]\nc = 1\n[a]\nd = 1", ("a",), "a", None),
        ("[[a]]\n[[a]]\nb = 'x'", ("a", 1, "b"), "b", "'x'"),
        ("[[a]]\n[a.b]\nc = 1\n[[a.d]]\ne = 2", ("a", 0, "d", 0, "e"), "e", "2"),
        ("'a b'.\"c\\td\" = 1", ("a b", "c\td"), '"c\\td"', "1"),
        ('a = """x"y""z"""""', ("a",), "a", '"""x"y""z"""""'),
        ("a = ''''x''''", ("a",), "a", "''''x''''"),
        ('a = "\\\\" # "', ("a",), "a", '"\\\\"'),
        ('a = """\\""""', ("a",), "a", '"""\\""""'),
        ("a = 1979-05-27 07:32:00Z # x", ("a",), "a", "1979-05-27 07:32:00Z"),
        ("a = [\n 1, # one\n [2,3,],\n]", ("a", 1, 1), None, "3"),
        ("a = { b = { c.d = [ {e = 1} ] } , f=2}", ("a", "b", "c", "d", 0, "e"), "e", "1"),
        ("a = { b = { c.d = [ {e = 1} ] } , f=2}", ("a", "f"), "f", "2"),
        ("a = {\n b = 1, # x\n c = 2,\n}", ("a", "c"), "c", "2"),
    ],
)
def test_a_spot_covers_exactly_its_text(text: str, path: Path, key: str | None, value: str | None) -> None:
    tomli.loads(text)
    spot = scan(text)[path]
    assert (spot.key and text[spot.key.start : spot.key.end]) == key
    assert (spot.value and text[spot.value.start : spot.value.end]) == value


def test_a_table_stands_at_its_own_header_even_when_a_subtable_comes_first() -> None:
    text = "[a.b]\n[a]\n"
    assert scan(text)["a",].key == Span(start=7, end=8)


def test_a_long_document_is_scanned_in_linear_time() -> None:
    text = "".join(f'[t{number}]\na = """{"x" * 1000}"""\nb = [{"1, " * 300}]\n' for number in range(300))
    assert len(scan(text)) == 300 * 303


def test_toml_1_1_is_read_and_its_mistakes_are_placed() -> None:
    text = 'a = {\n  # why\n  b = "\\e\\x41",\n  c = 07:32,\n  d = [\n    { e = 2026-01-01T07:32, },\n  ],\n}\nf = 1\n'
    assert tomli.loads(text)["a"]["b"] == "\x1bA"
    places = {path: text[spot.value.start : spot.value.end] for path, spot in scan(text).items() if spot.value}
    assert places["a", "b"] == '"\\e\\x41"'
    assert places["a", "c"] == "07:32"
    assert places["a", "d", 0, "e"] == "2026-01-01T07:32"
    assert places["f",] == "1"
