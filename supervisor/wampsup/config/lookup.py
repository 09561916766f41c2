"""Secrets that a fleet file does not hold itself: `{ env = "NAME" }` and `{ file = "path" }`.

They may stand for any value under `authentication`, `headers` and `extra`: a table that has just one of these keys
means what is there. A path is relative to the folder of the file that names it; the last newline of a secret's file is
none of the secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.config.bounded import read_bounded
from wampsup.config.words import subject
from wampsup.model.secret import Secret
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Mapping

    from wampsup.config.positions import Path

LARGEST = 1 << 16
"""Bytes of a secret's file."""

_KEYS = frozenset({"env", "file"})


def is_place(value: Any) -> bool:
    """Whether a table, where a secret may stand, means what is in the environment or in a file."""
    return isinstance(value, dict) and len(value) == 1 and value.keys() <= _KEYS


class Lookup:
    """Looks the secrets of a document up.

    `document` has a `Secret` where each was found, `mistakes` say which were not, and `files` are those that were read.
    """

    def __init__(
        self, document: Mapping[str, Any], folder_of: Callable[[Path], pathlib.Path], environ: Mapping[str, str]
    ) -> None:
        self.mistakes: list[Mistake] = []
        self.files: dict[Path, pathlib.Path] = {}
        self._folder_of = folder_of
        self._environ = environ
        self.document: dict[str, Any] = {key: self._of((key,), value) for key, value in document.items()}

    def _of(self, path: Path, value: Any) -> Any:
        match value:
            case dict() if is_place(value) and _may_be_secret(path):
                return self._found(path, value)
            case dict():
                return {key: self._of((*path, key), inner) for key, inner in value.items()}
            case list():
                return [self._of((*path, index), inner) for index, inner in enumerate(value)]
            case _:
                return value

    def _found(self, path: Path, table: Mapping[str, Any]) -> Any:
        (key, place), *_ = table.items()
        where = (*path, key)
        if not isinstance(place, str) or not place or "\0" in place:
            kind = "name of an environment variable" if key == "env" else "path of a file"
            self.mistakes.append(Mistake(path=where, message=f"{subject(where)} must be the {kind}"))
            return table
        text, problem = self._of_environment(place) if key == "env" else self._of_file(path, place)
        if problem:
            self.mistakes.append(Mistake(path=where, message=f"{problem}, where {subject(path)} should be"))
            return table
        return Secret(text)

    def _of_environment(self, name: str) -> tuple[str, str | None]:
        text = self._environ.get(name, "")
        return text, None if text else f"the environment variable `{name}` is {_missing(name, self._environ)}"

    def _of_file(self, path: Path, place: str) -> tuple[str, str | None]:
        file = self.files[path] = self._folder_of(path) / place
        try:
            text = _read(file)
        except FileNotFoundError:
            return "", f"there is no file `{place}`"
        except UnicodeDecodeError:
            return "", f"the file `{place}` is not valid UTF-8"
        except ValueError as error:
            return "", f"the file `{place}` {error}"
        except OSError as error:
            return "", f"the file `{place}` cannot be read ({(error.strerror or str(error)).lower()})"
        return text, None if text else f"the file `{place}` is empty"


def _missing(name: str, environ: Mapping[str, str]) -> str:
    return "empty" if name in environ else "not set"


def _may_be_secret(path: Path) -> bool:
    match path:
        case ("components", _, *rest) | ("defaults", *rest):
            pass
        case _:
            return False
    match rest:
        case ("authentication", _, _, *_) | ("extra", _, *_):
            return True
        case ("transports", int(), "headers", _) | ("transports", "headers", _):
            return True
    return False


def _read(file: pathlib.Path) -> str:
    if file.is_dir():
        raise ValueError("is no regular file")
    content = read_bounded(file, LARGEST, f"is longer than {LARGEST} bytes")
    return content.decode().removesuffix("\n").removesuffix("\r")
