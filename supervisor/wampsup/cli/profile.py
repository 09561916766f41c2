"""`wampsup profile`: where the time goes that one component takes, as text or for https://www.speedscope.app."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, TextIO

from wampsup import __version__
from wampsup.cli import calls
from wampsup.cli.telling import say
from wampsup.errors import WampsupError
from wampsup.printable import printable

if TYPE_CHECKING:
    import argparse

    from wampsup.cli.client import Client

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def run(client: Client, options: argparse.Namespace) -> int:
    """Take a profile and show it; the exit code.

    Raises:
        WampsupError: it can't be taken.
    """
    if options.output is None:
        _run(client, options, sys.stdout)
        return 0
    with _opened(options.output) as file:  # before any wait
        _run(client, options, file)
    if options.format == "speedscope":
        say(f"hint: open `{options.output}` at https://www.speedscope.app, which keeps it in your browser")
    return 0


def _opened(path: str) -> TextIO:
    try:
        return open(path, "w", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123 - the client half imports no pathlib
    except OSError as error:
        raise WampsupError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error


def _run(client: Client, options: argparse.Namespace, file: TextIO) -> None:
    if sys.stderr.isatty():
        say(f"looking at `{options.name}` for {options.seconds:g} s")
    body = {"name": options.name, "seconds": options.seconds, "rate": options.rate}
    profile = client.post("/v1/profile", body, wait=options.seconds)
    lines = [json.dumps(profile)] if options.json else _LINES[options.format](profile)
    for line in lines:
        print(line, file=file)


def text(profile: dict[str, Any]) -> list[str]:
    """The profile for a person."""
    lines = [_headline(profile)]
    if nothing := _nothing(profile):
        lines += ["", nothing]
    for place, title in (("reactor", ""), ("threads", "In its threads, those that wait included:")):
        if profile[place]["samples"]:
            lines += ["", *([title] if title else []), *calls.lines(profile["functions"], profile[place])]
    return [printable(line) for line in lines]


def speedscope(profile: dict[str, Any]) -> dict[str, Any]:
    """The profile as a file of speedscope's."""
    threads = [_sampled(profile["name"] + " in threads", profile["threads"])] if profile["threads"]["samples"] else []
    return {
        "$schema": _SCHEMA,
        "exporter": f"wampsup {__version__}",
        "name": f"{profile['name']}, {profile['seconds']:.3g} s",
        "activeProfileIndex": 0,
        "shared": {"frames": [_frame(function) for function in profile["functions"]]},
        "profiles": [_sampled(profile["name"], profile["reactor"]), *threads],
    }


def _in_speedscope(profile: dict[str, Any]) -> list[str]:
    if nothing := _nothing(profile):
        say(nothing)
    return [json.dumps(speedscope(profile))]


def _frame(function: dict[str, Any]) -> dict[str, Any]:
    known = ("name", "file", "line") if function["file"] else ("name",)
    return {key: function[key] for key in known}


def _sampled(name: str, seen: dict[str, Any]) -> dict[str, Any]:
    weights = [stack["seconds"] for stack in seen["stacks"]]
    return {
        "type": "sampled",
        "name": name,
        "unit": "seconds",
        "startValue": 0,
        "endValue": sum(weights),
        "samples": [stack["functions"] for stack in seen["stacks"]],
        "weights": weights,
    }


def _headline(profile: dict[str, Any]) -> str:
    """`clock · in the reactor for 3.7 of 10 s (37 %), 366 samples · 3.6 s of processor time`."""
    seconds, seen = profile["seconds"], profile["reactor"]
    share = f"{seen['seconds']:.3g} of {seconds:.3g} s ({100 * seen['seconds'] / seconds:.1f} %)"
    what = f"in the reactor for {share}, {_samples(seen)}"
    threads = f" · in threads, {_samples(profile['threads'])}" if profile["threads"]["samples"] else ""
    return f"{profile['name']} · {what}{threads} · {profile['busy_seconds']:.3g} s of processor time"


def _samples(seen: dict[str, Any]) -> str:
    return f"{seen['samples']} sample{'' if seen['samples'] == 1 else 's'}"


def _nothing(profile: dict[str, Any]) -> str | None:
    """What there is to say where nothing was seen."""
    if profile["reactor"]["samples"] or profile["threads"]["samples"]:
        return None
    if profile["busy_seconds"]:
        return f"`{profile['name']}` ran too briefly to be seen: look for more `--seconds`, or at a higher `--rate`"
    return f"`{profile['name']}` did not run in that time"


_LINES = {"text": text, "speedscope": _in_speedscope}
