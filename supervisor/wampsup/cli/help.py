"""`wampsup help`: what there is, and more of one topic; as a man page, all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.cli.arguments import COMMANDS, overview, parser_of
from wampsup.cli.arguments.parser import unknown
from wampsup.cli.manual.topics import TOPICS

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Show the help that is wanted; the exit code.

    Raises:
        UsageError: there is no such topic.
    """
    print(_text(options).rstrip())  # noqa: T201 - data goes to stdout
    return 0


def _text(options: argparse.Namespace) -> str:
    if options.man:
        from wampsup.cli.manual.roff import man_page  # noqa: PLC0415 - few want it

        return man_page()
    topic = options.topic
    if topic is None:
        return overview().format_help()
    if topic in COMMANDS:
        return parser_of(topic).format_help()
    if topic in TOPICS:
        return TOPICS[topic][1]
    raise unknown("topic", topic, [*COMMANDS, *TOPICS], "`wampsup help` lists the topics")
