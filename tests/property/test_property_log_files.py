"""Whatever is logged, and however small the files are: all lines are there, whole and in their order."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from wampsup.logs.disk import Files
from wampsup.logs.files import LogFiles
from wampsup.model.spec import LogFileSpec

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = 100
"""More older files than any example makes."""

words = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=30)
said = st.lists(st.tuples(st.sampled_from([None, "clock", "feed@1"]), words), max_size=60)
steps = st.lists(st.sampled_from(["flush", "reopen", "forget"]), max_size=5)


@settings(deadline=None)  # how long a disk takes is no matter of ours
@given(said, steps, st.integers(1, 200), st.sampled_from(["edge.log", "{component}.log"]))
def test_all_lines_are_there_whole_and_in_their_order(
    lines: list[tuple[str | None, str]], between: list[str], max_bytes: int, name: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spec = LogFileSpec(path=Path(folder) / name, max_bytes=max_bytes, backups=ALL)
        files = LogFiles(Files)
        files.become(spec)
        do: dict[str, Callable[[], None]] = {
            "flush": files.flush,
            "reopen": files.reopen,
            "forget": partial(files.forget, "clock"),
        }
        for number, (component, text) in enumerate(lines):
            files.write(component, f"{number} {text}\n")
            if number % 7 == 6 and between:
                do[between.pop()]()
        files.close()
        whole = [f"{number} {text}" for number, (_, text) in enumerate(lines)]
        for component in (None, "clock", "feed@1"):
            path = spec.of(component)
            own = [text for text, (said_by, _) in zip(whole, lines, strict=True) if spec.of(said_by) == path]
            assert written(path, max_bytes) == own


def written(path: str, max_bytes: int) -> list[str]:
    """The lines of a log file and of the older ones, the oldest first."""
    log = Path(path)
    older = sorted(log.parent.glob(f"{log.name}.*"), key=lambda each: -int(each.name.rpartition(".")[2]))
    found: list[str] = []
    for each in [*older, *([log] if log.exists() else [])]:
        data = each.read_bytes()
        assert len(data) <= max_bytes or data.count(b"\n") == 1
        found += data.decode().split("\n")[:-1]
    return found
