"""From the configuration of a node to a fleet file: walks through its workers and takes over what can be.

Crossbar.io stays the router. Containers, and components that ran inside the router, become one fleet; guests and
workers of other kinds have no counterpart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli

from wampsup.config.report import schema_mistakes
from wampsup.config.rules import rule_mistakes
from wampsup.config.words import listed, shown
from wampsup.conversion import workers
from wampsup.conversion.component import Component, authentication_aside, code_of, table_for
from wampsup.conversion.item import Item, LeftOutError, Note
from wampsup.conversion.listening import ANONYMOUS, way_into
from wampsup.conversion.names import name_for
from wampsup.conversion.render import Draft, render
from wampsup.conversion.source import read
from wampsup.conversion.transport import absolute, transport_of
from wampsup.conversion.values import literal
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from wampsup.conversion.transport import Transport

_KEYS = frozenset({"version", "controller", "workers"})
_ROUTING = frozenset({"router", "proxy"})
_OF_ALL = {"id", "type", "realm", "extra"}
_OF_KIND = {"class": {"classname"}, "function": {"callbacks"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """A fleet file (`None` where nothing could be taken over), and what is to be said about it."""

    text: str | None
    notes: tuple[Note, ...]


def convert(path: Path) -> Conversion:
    """The fleet file for the configuration of a node at `path`.

    Raises:
        WampsupError: it can't be read, or is no configuration of a node.
    """
    document = read(path)
    if problem := _problem(document):
        raise WampsupError(f"`{path}` is no configuration of a Crossbar.io node: {problem}")
    try:
        return _Walk(path).convert(document)
    except RecursionError:
        raise WampsupError(f"`{path}` nests objects or lists too deeply") from None


def _problem(document: Any) -> str | None:
    """Why it can't be the configuration of a node."""
    if not isinstance(document, dict):
        return f"it must be an object, not {shown(document)}"
    if document and _KEYS.isdisjoint(document):
        return f"it has none of {listed(sorted(_KEYS))}"
    workers = document.get("workers", [])
    return None if isinstance(workers, list) else f"`workers` must be a list, not {shown(workers)}"


@dataclass
class _Walk:
    """Collects components and notes on its way through a node's workers."""

    path: Path
    notes: list[Note] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    python_path: list[str] = field(default_factory=list)
    endings: set[bool] = field(default_factory=set)

    def __post_init__(self) -> None:
        # Links stay, as Crossbar.io takes paths for what they say: `..` is that of the link.
        self.folder = Path(absolute(Path.cwd(), str(self.path.parent)))

    def convert(self, document: dict[str, Any]) -> Conversion:
        node = Item(document, (), self.notes)
        node.note_others({"$schema", *_KEYS}, "is nothing that Crossbar.io knows")
        for worker in node["workers"]:
            self._worker(worker)
        self._drop_mistaken()
        if not self.components:
            return Conversion(text=None, notes=tuple(self.notes))
        text = render(self._draft())
        self._check(text)
        return Conversion(text=text, notes=tuple(self.notes))

    def _check(self, text: str) -> None:
        """Refuse what would be no fleet file."""
        try:
            text.encode()
        except UnicodeEncodeError:
            raise WampsupError(f"`{self.folder}` is no name in UTF-8, which a fleet file must be") from None
        mistakes = [*schema_mistakes(tomli.loads(text)), *rule_mistakes(tomli.loads(text))]
        if mistakes:
            raise WampsupError(f"`{self.path}` can't be converted: {mistakes[0].message}")

    def _worker(self, worker: Item) -> None:
        match worker["type"].value:
            case "container":
                self._components(worker, workers.container(worker, self.folder))
            case "router" if worker["components"]:
                self._components(worker, workers.router(worker, self.folder))
            case "guest":
                program = shown(worker["executable"].value, quoted=False)
                worker.note(f"a guest ({program}) is a process of its own, and no component")
            case str() as kind if kind not in _ROUTING:
                worker.note(f"a worker of type {shown(kind, quoted=False)} has no components to take over")
            case None:
                worker.note("is no worker: it has no `type`")

    def _components(self, worker: Item, options: workers.Worker) -> None:
        before = len(self.components)
        for item in worker["components"]:
            try:
                self.components.append(self._component(item, worker, options))
            except LeftOutError as error:
                self._leave_out(item, error.note)
        if len(self.components) > before:
            self.python_path += [path for path in options.python_path if path not in self.python_path]
            self.endings.add(options.ends_with_last)

    def _component(self, item: Item, worker: Item, options: workers.Worker) -> Component:
        code = code_of(item)
        name = name_for(item, code.name, {component.name for component in self.components})
        known = _OF_ALL | _OF_KIND[item["type"].text()]
        aside: dict[str, Any] = {}
        if worker["type"].value == "router":
            item.note_others({*known, "role"})
            transport = self._way_into(worker, item)
        else:
            item.note_others({*known, "transport", "auth"})
            transport = transport_of(item["transport"], self.folder)
            aside = authentication_aside(item)
        table = table_for(item, code, transport, self.folder)
        return Component(name=name, place=item.path, table={**table, **options.keys}, aside=aside)

    def _way_into(self, router: Item, item: Item) -> Transport:
        role = item["role"].value or ANONYMOUS
        way = way_into(router, item["realm"].text(), role, self.folder)
        if way is None:
            raise item.left_out("it runs inside its router, which listens nowhere for one without credentials")
        url = way.transport if isinstance(way.transport, str) else way.transport.get("url", "a unix socket")
        item.note(f"it ran inside its router, and connects to {url} now")
        if way.role != role:
            given = "the one that an authenticator gives" if way.role is None else f"`{way.role}`"
            item["role"].note(f"its role was `{role}`; over {url} it is {given}")
        return way.transport

    def _leave_out(self, item: Item, why: Note) -> None:
        """Say why it is left out, and nothing else about it."""
        place = item.path
        self.notes[:] = [note for note in self.notes if note.path[: len(place)] != place]
        self.notes.append(Note(path=why.path, message=f"the component is left out: {why.message}"))

    def _drop_mistaken(self) -> None:
        """Leave out whatever is wrong by the rules of fleet files, whose messages say what."""
        document = {"components": {component.name: component.table for component in self.components}}
        mistakes = [*schema_mistakes(document), *rule_mistakes(document)] if self.components else []
        wrong = {mistake.path[1]: mistake.message for mistake in reversed(mistakes)}
        for component in self.components:
            if component.name in wrong:
                item = Item(None, component.place, self.notes)
                self._leave_out(item, Note(path=component.place, message=wrong[component.name]))
        self.components = [component for component in self.components if component.name not in wrong]

    def _draft(self) -> Draft:
        supervisor: dict[str, Any] = {"python_path": literal(self.python_path)} if self.python_path else {}
        if self.endings == {True}:
            supervisor["exit_when"] = "all-done"
        elif True in self.endings:
            note = f"`{workers.LAST_STOPPED}` is not taken over: there are other workers, and a fleet ends as a whole"
            self.notes.append(Note(path=("workers",), message=note))
        return Draft(
            file=str(self.path),
            folder=str(self.folder),
            supervisor=supervisor,
            components=tuple(self.components),
            notes=tuple(self.notes),
        )
