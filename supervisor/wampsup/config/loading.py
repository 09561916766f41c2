"""From a path to a fleet: read its files, find all of their mistakes, build its spec."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wampsup.config.build import build
from wampsup.config.expansion import expand
from wampsup.config.files import Files
from wampsup.config.includes import Includes
from wampsup.config.lookup import Lookup
from wampsup.config.names import name_problem
from wampsup.config.permissions import ROOT, Risk, risks_of
from wampsup.config.reading import read, summed_up
from wampsup.config.report import schema_mistakes
from wampsup.config.rules import rule_mistakes
from wampsup.config.tables import table_in
from wampsup.errors import FleetFileError
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from wampsup.config.positions import Path
    from wampsup.model.spec import FleetSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetFile:
    """A fleet file without mistakes of its own: its absolute path, and the fleet that it describes.

    `included` are the absolute paths of the files that it includes, `secrets` those of the files that hold its secrets,
    and `risks` are what others can change of what it runs.
    """

    path: pathlib.Path
    spec: FleetSpec
    included: tuple[pathlib.Path, ...] = ()
    secrets: tuple[pathlib.Path, ...] = ()
    risks: tuple[Risk, ...] = ()
    _files: Files = field(repr=False, compare=False)

    def error(self, mistakes: Iterable[Mistake]) -> FleetFileError:
        """The error for mistakes that were found later, each shown at its place in the files."""
        return summed_up(self._files.sources[0].file, self._files.located(map(_in_the_file, mistakes)))


def _in_the_file(mistake: Mistake) -> Mistake:
    """A mistake of an instance is one of the component that stands in the file, so that all instances tell it once."""
    match mistake.path:
        case ("components", str() as name, *rest) if "@" in name:
            written = name.partition("@")[0]
            message = mistake.message.replace(f"`{name}`", f"`{written}`")
            return replace(mistake, path=("components", written, *rest), message=message)
    return mistake


def load(path: pathlib.Path, environ: Mapping[str, str] = os.environ, uid: int | None = None) -> FleetFile:
    """Read the fleet file at `path` and the files that it includes. Its errors name it just as it is given here.

    `uid` is who is to run the fleet, by default the user of this process.

    Raises:
        FleetFileError: one of them cannot be read, or is wrong (all of their mistakes in their order), or others can
            change what root is about to run.
    """
    main = read(path, str(path))
    includes = Includes(main, environ)
    files = Files([main, *includes.sources], includes.names)
    document, unset = expand(files.document, environ)
    lookup = Lookup(document, files.folder_of, environ)
    unknown = [mistake.path for mistake in unset] + [mistake.path[:-1] for mistake in lookup.mistakes]
    found = _about_the_known(_mistakes(lookup.document, main.path, complete=includes.complete), unknown)
    mistakes = [*includes.mistakes, *unset, *lookup.mistakes, *found]
    if located := files.located(mistakes, includes.errors):
        raise summed_up(main.file, located)
    spec = build(lookup.document, main.path, files.folder_of)
    return FleetFile(
        path=main.path,
        spec=spec,
        included=tuple(source.path for source in includes.sources),
        secrets=tuple(dict.fromkeys(lookup.files.values())),
        risks=_risks(files, [*includes.folders, *spec.supervisor.python_path], os.geteuid() if uid is None else uid),
        _files=files,
    )


def _risks(files: Files, folders: Sequence[pathlib.Path], uid: int) -> tuple[Risk, ...]:
    """What others can change.

    Raises:
        FleetFileError: they can, and it is root who is to run it.
    """
    risks = tuple(risks_of([source.path for source in files.sources], folders, uid))
    grave = [risk for risk in risks if risk.grave]
    if grave and uid == ROOT:
        errors = [
            FleetFileError(f"{risk.message}, and root runs nothing that others can change", hint=risk.hint)
            for risk in grave
        ]
        raise summed_up(files.sources[0].file, errors)
    return risks


def _mistakes(document: Mapping[str, Any], path: pathlib.Path, *, complete: bool) -> Iterator[Mistake]:
    yield from schema_mistakes(document)
    yield from rule_mistakes(document, complete=complete)
    yield from _stem_mistakes(document, path)


def _about_the_known(mistakes: Iterable[Mistake], unknown: Sequence[Path]) -> Iterator[Mistake]:
    """The mistakes in values that are known: nobody can tell yet what is wrong with the others."""
    for mistake in mistakes:
        if not any(mistake.path[: len(path)] == path for path in unknown):
            yield mistake


def _stem_mistakes(document: Mapping[str, Any], path: pathlib.Path) -> Iterator[Mistake]:
    """A fleet that is not named takes the name of its file, which may not do for a fleet."""
    problem = name_problem(path.stem)
    if problem and "name" not in table_in(document, "supervisor"):
        message = f"the fleet takes the name `{path.stem}` from its file, but a name must be {problem}"
        yield Mistake(path=(), message=message, hint="give it a `name` in `[supervisor]`")
