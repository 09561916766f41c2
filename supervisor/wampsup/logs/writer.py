"""Writes lines to the files that they belong to, and sees to it that a file that fails is told, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wampsup.logs.disk import Unwritten
from wampsup.logs.troubles import Troubles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wampsup.logs.backlog import Line
    from wampsup.logs.disk import Disk
    from wampsup.logs.troubles import Say
    from wampsup.model.spec import LogFileSpec


class Writer:
    """Writes to the files of `spec` on `disk`; in one thread."""

    def __init__(self, spec: LogFileSpec, disk: Disk, say: Say, seconds: Callable[[], float]) -> None:
        self.spec = spec
        self._disk = disk
        self._troubles = Troubles(say, seconds)

    def write(self, lines: Iterable[Line]) -> None:
        """Write lines; those of a file keep their order."""
        texts: dict[str, list[bytes]] = {}
        for line in lines:
            texts.setdefault(self.spec.of(line.component), []).append(line.text)
        for path, own in texts.items():
            self._append(path, own)

    def forget(self, component: str) -> None:
        """That component is out of the fleet, and its file done, unless others write to it."""
        path = self.spec.of(component)
        if path != self.spec.of(None):
            self._disk.close(path)
            self._troubles.forget(path)

    def reopen(self) -> None:
        """Look anew for what is at the paths of all files."""
        self._disk.close_all()
        self._troubles.retry()

    def _append(self, path: str, texts: Sequence[bytes]) -> None:
        if self._troubles.skip(path, len(texts)):
            return
        try:
            unrotated = self._disk.append(path, texts)
        except Unwritten as unwritten:
            self._troubles.failed(path, unwritten)
        else:
            self._troubles.worked(path)
            if unrotated is not None:
                self._troubles.grows(path, unrotated)
