"""What may stand in the place of the last word of a command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from wampsup.cli import discovery
from wampsup.cli.arguments import COMMANDS, overview, parser_of, parted
from wampsup.cli.arguments.overview import DOES
from wampsup.cli.manual.topics import TOPICS
from wampsup.control.place import runtime_folder
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from wampsup.cli.arguments.parser import Parser

PATIENCE = 1.0
"""Seconds that a supervisor has to tell its names in."""

NONE, FLEET_FILES, FILES, FOLDERS = ":none", ":toml", ":files", ":folders"
"""What paths may stand there, besides the candidates: the shell knows them better."""

_PATHS = {"file": FLEET_FILES, "config": FILES, "output": FILES, "socket": FILES, "folder": FOLDERS}

Found = dict[str, str]
"""Words, each with what it means."""


class Candidates(NamedTuple):
    """Words, and what paths the shell should offer besides."""

    words: Found
    paths: str = NONE


def complete(words: Sequence[str]) -> Candidates:
    """What may stand for the last one of `words`, which follow on `wampsup`; it may be a part of it, or empty."""
    *before, current = words
    front, behind = parted(before)
    if not behind:
        return _of(overview(), front, current, before) or Candidates({name: DOES[name] for name in COMMANDS})
    command, *rest = behind
    if command not in COMMANDS:
        return Candidates({})
    parser = parser_of(command)
    return _of(parser, rest, current, before) or _positional(parser, rest, before)


def _of(parser: Parser, before: Sequence[str], current: str, line: Sequence[str]) -> Candidates | None:
    """Where an option, or the value of one, is to come: what that may be."""
    if "--" in before:
        return None
    options = {name: action for action in parser.arguments for name in action.option_strings}
    waiting = options.get(before[-1]) if before else None
    if waiting is not None and waiting.nargs is None:
        return _values(waiting, line)
    name, is_given, _ = current.partition("=")
    if is_given and name in options:
        found = _values(options[name], line)
        return Candidates({f"{name}={value}": means for value, means in found.words.items()}, found.paths)
    if current.startswith("-"):
        return Candidates({name: action.help or "" for name, action in options.items() if name not in before})
    return None


def _positional(parser: Parser, before: Sequence[str], line: Sequence[str]) -> Candidates:
    """What may stand where no option is to come."""
    options = {name: action for action in parser.arguments for name in action.option_strings}
    taken: list[str] = []
    for previous, word in zip(["", *before], before, strict=False):
        is_value = previous in options and options[previous].nargs is None
        if not word.startswith("-") and not is_value:
            taken.append(word)
    positional = [action for action in parser.arguments if not action.option_strings]
    if positional and positional[-1].nargs == "*":
        found = _values(positional[-1], line)
        words = {name: means for name, means in found.words.items() if name not in taken}
        return Candidates(words, found.paths if not taken else NONE)
    return _values(positional[len(taken)], line) if len(taken) < len(positional) else Candidates({})


def _values(action: argparse.Action, line: Sequence[str]) -> Candidates:
    """What an argument or an option may be."""
    if action.choices is not None:
        return Candidates(dict.fromkeys(action.choices, ""))
    match action.dest:
        case "names":
            paths = FLEET_FILES if "FLEET" in str(action.metavar) else NONE
            return Candidates(_components(line, groups=True), paths)
        case "name":
            return Candidates(_components(line, groups=False))
        case "fleet":
            return Candidates(dict.fromkeys(_fleets(), "a fleet that runs"))
        case "topic":
            return Candidates(DOES | {name: about for name, (about, _) in TOPICS.items()})
        case other:
            return Candidates({}, _PATHS.get(other, NONE))


def _fleets() -> Iterable[str]:
    return discovery.running(runtime_folder(os.environ, os.geteuid()))


def _components(line: Sequence[str], *, groups: bool) -> Found:
    """The components of the fleet that is meant, with their states; none where no supervisor answers."""
    try:
        fleet, socket = _said("--fleet", line), _said("--socket", line)
        client = discovery.find(os.environ, fleet=fleet, socket=socket, patience=PATIENCE)
        components = client.get("/v1/components")["components"]
    except (WampsupError, OSError):
        return {}
    names = {one["name"]: one["state"] for one in components}
    if not groups:
        return names
    members = [f"group:{one['group']}" for one in components if one["group"]]
    return names | {group: _counted(members.count(group)) for group in members}


def _said(option: str, line: Sequence[str]) -> str | None:
    """The value of that option on the line."""
    for word, following in zip(line, [*line[1:], ""], strict=True):
        if word == option:
            return following or None
        if word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=") or None
    return None


def _counted(count: int) -> str:
    return f"{count} component{'' if count == 1 else 's'}"
