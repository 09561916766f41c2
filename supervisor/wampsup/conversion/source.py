"""Reads the configuration of a Crossbar.io node: JSON, or YAML where the file's name says so, as Crossbar.io does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wampsup.config.bounded import read_bounded
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1 << 24
"""Bytes of a configuration."""

_YAML = (".yaml", ".yml")
_OPEN_ALREADY = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")


def read(path: Path) -> Any:
    """What the file says.

    Raises:
        WampsupError: it can't be read, or is not what its name promises.
    """
    text = _text(path)
    try:
        document = _yaml(path, text) if path.suffix in _YAML else _json(path, text)
        _check(path, document)
    except RecursionError:
        raise WampsupError(f"`{path}` nests objects or lists too deeply") from None
    except ValueError as error:  # Python makes no number of so many digits, and no date of what is none
        raise WampsupError(f"`{path}` holds a value that can't be read: {error}") from None
    return document


def _check(path: Path, document: Any) -> None:
    """Refuse what nobody could write down again."""
    try:
        text = json.dumps(document, ensure_ascii=False, default=str, skipkeys=True)
    except ValueError:
        raise WampsupError(f"`{path}` holds something that is a part of itself") from None
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WampsupError(f"`{path}` holds half of a character: a surrogate without its other half") from None


def _text(path: Path) -> str:
    try:
        return _content(path).decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise WampsupError(f"no Crossbar.io configuration at `{path}`") from None
    except IsADirectoryError:
        inside = f"{str(path).rstrip('/')}/config.json"
        raise WampsupError(f"`{path}` is a folder", hint=f"name the file in it, such as `{inside}`") from None
    except UnicodeDecodeError:
        raise WampsupError(f"`{path}` is not valid UTF-8") from None
    except ValueError as error:
        raise WampsupError(f"`{path}` {error}") from None
    except OSError as error:
        raise WampsupError(f"cannot read `{path}`: {(error.strerror or str(error)).lower()}") from None


def _content(path: Path) -> bytes:
    """What is in a file, or in a pipe that this process was started with; another one may never have a writer."""
    open_already = str(path).startswith(_OPEN_ALREADY)
    return read_bounded(path, LARGEST, f"is larger than {LARGEST >> 20} MiB", open_already=open_already)


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        said = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise WampsupError(f"`{path}` is not valid JSON: {said} at line {error.lineno}, column {error.colno}") from None


def _yaml(path: Path, text: str) -> Any:
    try:
        import yaml  # noqa: PLC0415 - only who has such a file needs it
    except ModuleNotFoundError:
        hint = "`pip install 'wampsup[yaml]'` brings it; or convert the file to JSON: `crossbar convert`"
        raise WampsupError(f"reading `{path}` takes PyYAML, which is not installed", hint=hint) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error).partition("\n")[0]
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise WampsupError(f"`{path}` is not valid YAML: {said}{where}") from None
