"""One file: from its path to its text, what it says, and where it says so."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import tomli

from wampsup.config.places import Source
from wampsup.errors import FleetFileError

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator, Sequence

    from wampsup.config.positions import Path
    from wampsup.errors import WampsupError

LARGEST = 1 << 25
"""Bytes of a file: far more than ten thousand components take."""

DEEPEST = 100
"""Tables and lists within each other: what follows goes down into them."""

_GONE = "change to a folder that is there, or give the whole path of the file"


def read(path: pathlib.Path, file: str) -> Source:
    """Read the file at `path`; its errors call it `file`.

    Raises:
        FleetFileError: it cannot be read, or is no TOML.
    """
    content = _content(path, file)
    # The folder's true path, but the file's own name: a link to a file may be changed to point at the next one.
    try:
        absolute = path.parent.resolve() / path.name
    except FileNotFoundError:
        raise FleetFileError(f"the working directory is gone, and `{path}` begins there", hint=_GONE) from None
    text = _text(content, file, absolute)
    source = Source(file=file, path=absolute, text=text)
    try:
        source = replace(source, document=tomli.loads(text))
        wide = [source.error(_TOO_WIDE, source.spots[place].value) for place in _wide_integers((), source.document)]
    except tomli.TOMLDecodeError as error:
        raise only(source.at_offset(f"not valid TOML: {_words(error.msg)}", error.pos)) from None
    except RecursionError:
        raise FleetFileError(f"`{file}` nests tables or lists too deeply") from None
    except ValueError:  # tomli lets Python's own limit through
        raise FleetFileError(f"`{file}` holds a number with too many digits") from None
    if wide:
        raise summed_up(file, wide)
    return source


def only(mistake: WampsupError) -> FleetFileError:
    """The error for a file with one mistake, whose words are that mistake's."""
    return FleetFileError(mistake.message, hint=mistake.hint, mistakes=[mistake])


def summed_up(file: str, mistakes: Sequence[WampsupError]) -> FleetFileError:
    """The error for a fleet file with these mistakes, one at least."""
    if len(mistakes) == 1:
        return only(mistakes[0])
    return FleetFileError(f"`{file}` has {len(mistakes)} mistakes", mistakes=mistakes)


def _content(path: pathlib.Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:  # which may have no end
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise FleetFileError(f"no fleet file at `{file}`") from None
    except IsADirectoryError:
        folder = f"{file.rstrip('/')}/"
        raise FleetFileError(
            f"`{folder}` is a folder, not a fleet file", hint=f"name the file in it, such as `{folder}fleet.toml`"
        ) from None
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise FleetFileError(f"cannot read `{file}`: {reason}") from None
    if len(content) > LARGEST:
        raise FleetFileError(f"`{file}` is longer than {LARGEST} bytes")
    return content


def _text(content: bytes, file: str, path: pathlib.Path) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode().replace("\r\n", "\n")
        text = before + error.object[error.start :].decode(errors="replace").replace("\r\n", "\n")
        source = Source(file=file, path=path, text=text)
        raise only(source.at_offset("not valid UTF-8", len(before), hint="save the file as UTF-8")) from None


_DECLARED_TWICE = re.compile(r"Cannot declare \((?P<keys>.*)\) twice")


def _words(said: str) -> str:
    """What tomli says, for a person."""
    if declared := _DECLARED_TWICE.match(said):
        keys = ".".join(str(key) for key in ast.literal_eval(f"({declared['keys']},)".replace(",,", ",")))
        return f"`[{keys}]` is there twice"
    if said == "Cannot overwrite a value" or said.startswith("Duplicate inline table key"):
        return "a key is there twice"
    return f"{said[:1].lower()}{said[1:]}"


_TOO_WIDE = "not valid TOML: an integer must fit into 64 bits"


def _wide_integers(path: Path, value: Any) -> Iterator[Path]:
    """Integers that TOML asks a parser to refuse and tomli takes: what follows relies on converting them."""
    if len(path) > DEEPEST:
        raise RecursionError
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _wide_integers((*path, key), inner)
