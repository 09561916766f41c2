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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Iterator

ROOT = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Risk:
    """Something that others can change or read; root runs nothing that bears a `grave` one."""

    message: str
    hint: str
    grave: bool = False


def risks_of(files: Iterable[pathlib.Path], folders: Iterable[pathlib.Path], uid: int) -> Iterator[Risk]:
    """What others than the user `uid` can change of these files, the folders that they lie in, and these folders.

    A file that is a link counts with all that it leads to.
    """
    places: dict[pathlib.Path, None] = {}
    for file in files:
        places |= dict.fromkeys(each for way in (file, file.resolve()) for each in (way, way.parent))
    places |= dict.fromkeys(folders)
    seen: set[tuple[int, int]] = set()
    for place in places:
        try:
            found = place.stat()
        except OSError:  # whoever needs it will tell
            continue
        if (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            yield from risks_of_one(place, found, uid)


def risks_of_one(place: pathlib.Path, found: os.stat_result, uid: int) -> Iterator[Risk]:
    """What others than `uid` can change of one place, of which `found` tells."""
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        return
    what = f"the folder `{place}`" if stat.S_ISDIR(found.st_mode) else f"`{place}`"
    who = "everybody" if found.st_mode & stat.S_IWOTH else _group(found)
    if who is not None:
        letters = "o" if found.st_mode & stat.S_IWOTH and _group(found) is None else "go"
        message = f"{who} can change {what} (mode {stat.S_IMODE(found.st_mode):04o})"
        yield Risk(message=message, hint=f"chmod {letters}-w {place}", grave=True)
    if found.st_uid not in (ROOT, uid):
        message = f"{_user(found.st_uid)} can change {what}, which belongs to them"
        yield Risk(message=message, hint=f"chown {uid} {place}")


def readable_secrets(files: Iterable[pathlib.Path]) -> Iterator[Risk]:
    """The files of secrets that everybody can read."""
    for file in files:
        if file.stat().st_mode & stat.S_IROTH:
            yield Risk(message=f"everybody can read the secret in `{file}`", hint=f"chmod o-r {file}")


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
