"""A parser of arguments that tells what is wrong in our words, and what is likely to be meant."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from wampsup.cli import terminal
from wampsup.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_MARGIN = 2
"""Columns that argparse leaves free at the right."""

_MISSING = "the following arguments are required: "
"""How argparse begins to tell what is missing."""

_NEAR = 0.7
"""How like each other two words have to be; 1 is the same."""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Takes descriptions as they are, and asks for the terminal's width without `shutil`, which takes 2 ms to import.

    argparse makes one for every argument that a parser is given.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal.size()[0] - _MARGIN)


class Parser(argparse.ArgumentParser):
    """Raises a `UsageError` where argparse would end the process."""

    def __init__(self, prog: str, usage: str | None = None) -> None:
        super().__init__(prog, usage=usage, formatter_class=_Formatter, allow_abbrev=False)

    def understand(self, arguments: Sequence[str], options: argparse.Namespace | None = None) -> argparse.Namespace:
        """What these arguments say, beside what `options` hold already.

        Unlike argparse it takes names on both sides of an option: `stop clock --no-wait kettle`.

        Raises:
            UsageError: they are wrong.
            SystemExit: they asked for help or the version, which have been printed.
        """
        understood, rest = self.parse_known_args(arguments, options)
        if rest and isinstance(names := getattr(understood, "names", None), list):
            more, rest = _split(rest)
            if not all(more):
                self.error("argument NAME: a name can't be empty")
            names += more
        if rest:
            raise self._unknown(rest[0])
        return understood

    @property
    def arguments(self) -> list[argparse.Action]:
        """All that it takes, in the order of the help."""
        return list(self._actions)

    def error(self, message: str) -> NoReturn:
        """Something is wrong with what it takes."""
        if message.startswith(_MISSING):
            message = f"`{self.prog}` needs {message.removeprefix(_MISSING)}"
        raise UsageError(message, hint=f"`{self.prog} --help` shows how to use it")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise unknown(action.dest, value, action.choices, f"`{self.prog} --help` lists the {action.dest}s")

    def _unknown(self, argument: str) -> UsageError:
        if not argument.startswith("-"):
            return UsageError(f"unexpected argument `{argument}`", hint=f"`{self.prog} --help` shows how to use it")
        option = argument.partition("=")[0]
        known = [name for action in self.arguments for name in action.option_strings]
        return unknown("option", option, known, self.where_options_are())

    def where_options_are(self) -> str:
        """The hint for one that it does not know, and that is like none which it knows."""
        return f"`{self.prog} --help` lists the options"


def unknown(what: str, value: str, known: Iterable[str], otherwise: str) -> UsageError:
    """The error for a value that is none of those that are known; `otherwise` is the hint where none is near."""
    import difflib  # noqa: PLC0415 - only who mistypes pays for it

    near = difflib.get_close_matches(value, list(known), 1, _NEAR)
    hint = f"did you mean `{near[0]}`?" if near else otherwise
    return UsageError(f"unknown {what} `{value}`", hint=hint)


def _split(rest: Sequence[str]) -> tuple[list[str], list[str]]:
    """What argparse left over: names, and what is none of them. Behind `--`, all are names."""
    end = rest.index("--") if "--" in rest else len(rest)
    options = [one for one in rest[:end] if one.startswith("-")]
    return [*(one for one in rest[:end] if not one.startswith("-")), *rest[end + 1 :]], options
