"""Who else can change what a fleet runs: its files, the folders that they lie in, and those that it imports from.

What others can write, they can run as the user of the fleet. Root therefore does not run it, as sshd and cron do not;
anybody else is warned. Others are all users but root and the one who asks; a group counts unless it is root's or that
user's own. A file system that is mounted read-only, as Kubernetes mounts a ConfigMap, is safe from all.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Iterator

ROOT = 0

_MOST_LINKS = 40
"""As many as Linux follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Risk:
    """Something that others can change or read; root runs nothing that bears a `grave` one."""

    message: str
    hint: str
    grave: bool = False


def risks_of(files: Iterable[pathlib.Path], folders: Iterable[pathlib.Path], uid: int) -> Iterator[Risk]:
    """What others than the user `uid` can change of these files, the folders that they lie in, and these folders.

    A link counts with all that it leads to, and a folder with those above it in which everybody can put another in its
    place; in one like `/tmp` nobody can move what others own.
    """
    places: dict[pathlib.Path, None] = {}
    for file in files:
        places |= dict.fromkeys(each for way in _ways(file) for each in (way, way.parent))
    places |= dict.fromkeys(way for folder in folders for way in _ways(folder))
    seen: set[tuple[int, int]] = set()
    above = dict.fromkeys(each for place in places for each in place.absolute().parents)
    for place in (*places, *above):
        try:
            found = place.stat()
        except OSError:  # whoever needs it will tell
            continue
        safe = place not in places and found.st_mode & (stat.S_ISVTX | stat.S_IWOTH) != stat.S_IWOTH
        if (found.st_dev, found.st_ino) not in seen and not safe:
            seen.add((found.st_dev, found.st_ino))
            yield from risks_of_one(place, found, uid)


def _ways(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A path, and all that it leads to from link to link."""
    for _ in range(_MOST_LINKS):
        yield path
        if not path.is_symlink():
            return
        path = path.parent / path.readlink()


def risks_of_one(place: pathlib.Path, found: os.stat_result, uid: int) -> Iterator[Risk]:
    """What others than `uid` can change of one place, of which `found` tells."""
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        return
    what = f"the folder `{place}`" if stat.S_ISDIR(found.st_mode) else f"`{place}`"
    who = "everybody" if found.st_mode & stat.S_IWOTH else _group(found)
    if who is not None:
        letters = "o" if found.st_mode & stat.S_IWOTH and _group(found) is None else "go"
        message = f"{who} can change {what} (mode {stat.S_IMODE(found.st_mode):04o})"
        yield Risk(message=message, hint=f"chmod {letters}-w {quote(str(place))}", grave=True)
    if found.st_uid not in (ROOT, uid):
        message = f"{_user(found.st_uid)} can change {what}, which belongs to them"
        yield Risk(message=message, hint=f"chown {uid} {quote(str(place))}")


def readable_secrets(files: Iterable[pathlib.Path]) -> Iterator[Risk]:
    """The files of secrets that everybody can read."""
    for file in files:
        if file.stat().st_mode & stat.S_IROTH:
            yield Risk(message=f"everybody can read the secret in `{file}`", hint=f"chmod o-r {quote(str(file))}")


def _group(found: os.stat_result) -> str | None:
    """The group that can write, where it is none of those that are trusted."""
    if not found.st_mode & stat.S_IWGRP or found.st_gid in (ROOT, os.getegid()):
        return None
    return f"group {found.st_gid}"


def _user(uid: int) -> str:
    try:
        return f"user `{pwd.getpwuid(uid).pw_name}`"
    except KeyError:
        return f"user {uid}"
