"""From a path to a fleet: read the file, find all of its mistakes, build its spec."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import tomli

from wampsup.config.build import build
from wampsup.config.names import name_problem
from wampsup.config.places import Source
from wampsup.config.positions import scan
from wampsup.config.report import schema_mistakes
from wampsup.config.rules import rule_mistakes
from wampsup.config.tables import table_in
from wampsup.errors import FleetFileError, WampsupError
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Iterator

    from wampsup.config.positions import Path
    from wampsup.model.spec import FleetSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetFile:
    """A fleet file without mistakes of its own: its absolute path, and the fleet that it describes."""

    path: pathlib.Path
    spec: FleetSpec
    _source: Source = field(repr=False, compare=False)

    def error(self, mistakes: Iterable[Mistake]) -> FleetFileError:
        """The error for mistakes that were found later, each shown at its place in the file."""
        return _error(self._source, map(_in_the_file, mistakes))


def _in_the_file(mistake: Mistake) -> Mistake:
    """A mistake of an instance is one of the component that stands in the file, so that all instances tell it once."""
    match mistake.path:
        case ("components", str() as name, *rest) if "@" in name:
            written = name.partition("@")[0]
            message = mistake.message.replace(f"`{name}`", f"`{written}`")
            return replace(mistake, path=("components", written, *rest), message=message)
    return mistake


_GONE = "change to a folder that is there, or give the whole path of the file"


def load(path: pathlib.Path) -> FleetFile:
    """Read the fleet file at `path`. Its errors name it just as it is given here.

    Raises:
        FleetFileError: it cannot be read, or is wrong; all of its mistakes in the order of the file.
    """
    source = _read(path)
    # The folder's true path, but the file's own name: a link to a file may be changed to point at the next one.
    try:
        absolute = path.parent.resolve() / path.name
    except FileNotFoundError:
        raise FleetFileError(f"the working directory is gone, and `{path}` begins there", hint=_GONE) from None
    mistakes = list(_wide_integers((), source.document))
    if mistakes:
        raise _error(source, mistakes)
    mistakes = [*schema_mistakes(source.document), *rule_mistakes(source.document), *_stem_mistakes(source, absolute)]
    if mistakes:
        raise _error(source, mistakes)
    return FleetFile(path=absolute, spec=build(source.document, absolute), _source=source)


def _read(path: pathlib.Path) -> Source:
    file = str(path)
    text = _text(path)
    source = Source(file=file, text=text)
    try:
        document = tomli.loads(text)
        return Source(file=file, text=text, document=document, spots=scan(text))
    except tomli.TOMLDecodeError as error:
        message = f"not valid TOML: {error.msg[:1].lower()}{error.msg[1:]}"
        raise _only(source.at_offset(message, error.pos)) from None
    except RecursionError:
        raise FleetFileError(f"`{file}` nests tables or lists too deeply") from None
    except ValueError:
        # Not a syntax error: Python refuses to make a number of so many digits.
        raise FleetFileError(f"`{file}` holds a number with too many digits") from None


def _text(path: pathlib.Path) -> str:
    """The file's text, with newlines as tomli counts them and without a byte order mark."""
    file = str(path)
    try:
        content = path.read_bytes()
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
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode().replace("\r\n", "\n")
        text = before + error.object[error.start :].decode(errors="replace").replace("\r\n", "\n")
        source = Source(file=file, text=text)
        raise _only(source.at_offset("not valid UTF-8", len(before), hint="save the file as UTF-8")) from None


def _wide_integers(path: Path, value: Any) -> Iterator[Mistake]:
    """Integers that TOML asks a parser to refuse and tomli takes: what follows relies on converting them."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield Mistake(path=path, message="not valid TOML: an integer must fit into 64 bits")
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _wide_integers((*path, key), inner)


def _stem_mistakes(source: Source, path: pathlib.Path) -> Iterator[Mistake]:
    """A fleet that is not named takes the name of its file, which may not do for a fleet."""
    problem = name_problem(path.stem)
    if problem and "name" not in table_in(source.document, "supervisor"):
        message = f"the fleet takes the name `{path.stem}` from its file, but a name must be {problem}"
        yield Mistake(path=(), message=message, hint="give it a `name` in `[supervisor]`")


def _only(mistake: WampsupError) -> FleetFileError:
    return FleetFileError(mistake.message, hint=mistake.hint, mistakes=[mistake])


def _error(source: Source, mistakes: Iterable[Mistake]) -> FleetFileError:
    located = source.located(mistakes)
    if len(located) == 1:
        return _only(located[0])
    return FleetFileError(f"`{source.file}` has {len(located)} mistakes", mistakes=located)
