"""The man page: what `--help` says of every command, and all topics, for `man`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup import __version__
from wampsup.cli.arguments import COMMANDS, overview, parser_of
from wampsup.cli.arguments.overview import DOES, SUMMARY, Overview
from wampsup.cli.manual.commands import MORE
from wampsup.cli.manual.topics import TOPICS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from wampsup.cli.arguments.parser import Parser


def man_page() -> str:
    """The page, in the macros of man(7)."""
    lines = [
        f'.TH WAMPSUP 1 "" "wampsup {__version__}" "User Commands"',
        ".SH NAME",
        f"wampsup \\- {_text(SUMMARY[0].lower() + SUMMARY[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        *_usage(overview()),
        ".SH OPTIONS",
        *_arguments(overview()),
        ".SH COMMANDS",
    ]
    for command in COMMANDS:
        parser = parser_of(command)
        does = DOES[command]
        text = f"{does[0].upper()}{does[1:]}.\n\n{MORE.get(command, '')}"
        lines += [f".SS wampsup {command}", *_usage(parser), ".PP", *_paragraphs(text), *_arguments(parser)]
    for topic, (_, text) in TOPICS.items():
        lines += [f".SH {topic.replace('-', ' ').upper()}", *_paragraphs(text)]
    return "\n".join(lines) + "\n"


def _usage(parser: Parser) -> list[str]:
    words = parser.format_usage().removeprefix("usage: ").split()
    return [f"\\fB{_text(words[0])}\\fR {_text(' '.join(words[1:]))}"]


def _arguments(parser: Parser) -> list[str]:
    lines: list[str] = []
    for action in parser.arguments:
        if action.dest == "help" and not isinstance(parser, Overview):
            continue
        lines += [".TP", f"\\fB{_text(_called(action))}\\fR", _text(action.help or "")]
    return lines


def _called(action: argparse.Action) -> str:
    """How it is typed: `-n N, --tail N`, or just `NAME`."""
    if not action.option_strings:
        return str(action.metavar)
    value = "" if action.nargs == 0 else f" [{action.metavar}]" if action.nargs == "?" else f" {action.metavar}"
    return ", ".join(option + value for option in action.option_strings)


def _paragraphs(text: str) -> Iterable[str]:
    """The paragraphs of a text; one that is indented stays as it is."""
    for index, paragraph in enumerate(filter(None, text.split("\n\n"))):
        if index:
            yield ".PP"
        lines = paragraph.split("\n")
        if paragraph.startswith(" "):
            yield from (".nf", ".RS 2", *(_text(line.removeprefix("  ")) for line in lines), ".RE", ".fi")
        else:
            yield from map(_text, lines)


def _text(text: str) -> str:
    """`text` with nothing in it that roff obeys; what stands between backticks is bold."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    parts = escaped.split("`")
    bold = "".join(part if index % 2 == 0 else f"\\fB{part}\\fR" for index, part in enumerate(parts))
    return f"\\&{bold}" if bold.startswith(".") else bold
