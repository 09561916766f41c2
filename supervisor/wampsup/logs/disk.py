"""Files that lines are appended to: opened when they are needed, begun anew when they are full.

No more than some of them are open at a time, however many components have one. One that somebody has moved away or
deleted, as logrotate does it, is made again.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import stat
from collections import OrderedDict
from itertools import accumulate, takewhile
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wampsup.model.spec import LogFileSpec

MOST_OPEN = 64

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK  # the last one for pipes, to fail
_FILE_MODE, _FOLDER_MODE = 0o600, 0o700
_NO_FILE = "it is no regular file"
_WORDS = {errno.ELOOP: "it is a symbolic link", errno.ENXIO: _NO_FILE}


class Unwritten(Exception):  # noqa: N818 - it says what is the matter with the lines
    """The last `lost` of some lines could not be written, and nothing of them was."""

    def __init__(self, error: OSError, lost: int) -> None:
        super().__init__(error, lost)
        self.error = error
        self.lost = lost


class Disk(Protocol):
    """Where lines are written to files."""

    def append(self, path: str, lines: Sequence[bytes]) -> OSError | None:
        """Append lines to a file; what has kept it from being begun anew, if something did: then it grows.

        Raises:
            Unwritten: not all of them could be.
        """

    def close(self, path: str) -> None:
        """Let go of a file until it is needed again."""

    def close_all(self) -> None:
        """Let go of all files."""


class Files:
    """The disk as it is; a file of over `max_bytes` is begun anew as `spec` says.

    `opened` is called with the path and the descriptor of each file that has been opened.
    """

    def __init__(self, spec: LogFileSpec, opened: Callable[[str, int], None] = lambda _path, _descriptor: None) -> None:
        self._most = spec.max_bytes or math.inf
        self._backups = spec.backups
        self._opened = opened
        self._files: OrderedDict[str, _File] = OrderedDict()  # the latest used is the last one

    def append(self, path: str, lines: Sequence[bytes]) -> OSError | None:
        """See `Disk`."""
        written, unrotated = 0, None
        try:
            file = self._file(path)
            while written < len(lines):
                end = file.room_for(lines, written)
                if end == written and file.size:
                    file, unrotated = self._next(path, file)
                    end = file.room_for(lines, written)
                done, error = file.write(lines[written : max(end, written + 1)])
                written += done
                if error is not None:
                    raise error
        except OSError as error:
            self.close(path)
            raise Unwritten(error, len(lines) - written) from error
        return unrotated

    def close(self, path: str) -> None:
        """See `Disk`."""
        file = self._files.pop(path, None)
        if file is not None:
            file.close()

    def close_all(self) -> None:
        """See `Disk`."""
        for path in tuple(self._files):
            self.close(path)

    def _file(self, path: str) -> _File:
        """The file that is at that path now."""
        file = self._files.get(path)
        if file is None or not file.is_at(path):
            self.close(path)
            file = self._files[path] = _File(open_file(path), self._most)
            self._opened(path, file.descriptor)
        self._files.move_to_end(path)
        while len(self._files) > MOST_OPEN:
            self.close(next(iter(self._files)))
        return file

    def _next(self, path: str, full: _File) -> tuple[_File, OSError | None]:
        """The file that follows on a full one, open to the same users; or that one itself, and why."""
        self.close(path)
        try:
            if self._backups:
                RotatingFileHandler(path, backupCount=self._backups, delay=True).doRollover()
            else:
                os.unlink(path)  # noqa: PTH108 - paths are texts here
        except OSError as error:
            file = self._file(path)
            file.most = file.size + self._most
            return file, error
        file = self._file(path)
        os.fchmod(file.descriptor, full.mode)
        return file, None


class _File:
    """An open file, which takes lines as long as it has no more than `most` bytes."""

    def __init__(self, descriptor: int, most: float) -> None:
        self.descriptor = descriptor
        self.most = most
        found = os.fstat(descriptor)
        self._identity = found.st_dev, found.st_ino
        self.mode = stat.S_IMODE(found.st_mode)
        self.size = found.st_size

    def is_at(self, path: str) -> bool:
        """Whether it is still there; others may have written to it, or cut it."""
        try:
            found = os.lstat(path)
        except OSError:
            return False
        self.size = found.st_size
        return self._identity == (found.st_dev, found.st_ino)

    def room_for(self, lines: Sequence[bytes], begin: int) -> int:
        """Up to which one it has room for the lines from that one on."""
        end, size = begin, self.size
        while end < len(lines) and (size := size + len(lines[end])) <= self.most:
            end += 1
        return end

    def write(self, lines: Sequence[bytes]) -> tuple[int, OSError | None]:
        """Append lines: how many are there as a whole, and what kept the others away. Of these nothing stays."""
        data, done = memoryview(b"".join(lines)), 0
        try:
            while done < len(data):
                done += os.write(self.descriptor, data[done:])
        except OSError as error:
            ends = list(takewhile(lambda end: end <= done, accumulate(map(len, lines))))
            whole = ends[-1] if ends else 0
            with contextlib.suppress(OSError):
                os.ftruncate(self.descriptor, os.fstat(self.descriptor).st_size - (done - whole))
            return len(ends), error
        self.size += done
        return len(lines), None

    def close(self) -> None:
        """Let go of it; what has been written stays written."""
        with contextlib.suppress(OSError):
            os.close(self.descriptor)


def open_file(path: str) -> int:
    """A file to append to, which is made where it is missing, as is the folder that it lies in; its descriptor.

    A link is not followed: who can write to the folder could have it lead anywhere.

    Raises:
        OSError: it can't be opened, or is no regular file.
    """
    try:
        descriptor = os.open(path, _FLAGS, _FILE_MODE)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):
            os.mkdir(os.path.dirname(path), _FOLDER_MODE)  # noqa: PTH102, PTH120 - paths are texts here
        descriptor = os.open(path, _FLAGS, _FILE_MODE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _NO_FILE)
    return descriptor


def reason(error: OSError) -> str:
    """Why that failed, in words."""
    return _WORDS.get(error.errno or 0) or (error.strerror or str(error)).lower()
