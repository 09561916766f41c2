"""What there is to say of a command beyond what it does, below that in its help: paragraphs of 78 columns at most."""

from __future__ import annotations

MORE = {
    "init": "Its files are fleet.toml, components.py and fleet.schema.json; nothing is\noverwritten.",
    "schema": (
        "An editor that knows Taplo takes it from a file that the first line of a fleet\n"
        "file names: after `wampsup schema > fleet.schema.json`, that line is\n"
        "`#:schema fleet.schema.json`."
    ),
    "profile": (
        "It is looked at for some seconds, many times in each, and slowed down by next\n"
        "to nothing. The format speedscope is for https://www.speedscope.app, which\n"
        "draws it."
    ),
}
