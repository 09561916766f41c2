"""`wampsup check`: builds all that `wampsup start` would build, and starts nothing.

Every file is read, every module imported, every transport, endpoint and TLS context built; no connection is made, and
no socket opened. What only shows when they are (a port in use, a router that refuses) stays to be seen.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wampsup.config import load
from wampsup.config.permissions import Risk, readable_secrets
from wampsup.daemon import prepare_fleet
from wampsup.log_places import log_mistakes
from wampsup.reactor.kinds import reactor_of_process
from wampsup.sockets import socket_mistakes

if TYPE_CHECKING:
    from wampsup.model.spec import FleetSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A fleet that can be started, and what is risky about it."""

    spec: FleetSpec
    risks: tuple[Risk, ...]


def check(path: str) -> Checked:
    """Check the fleet file at `path`.

    Raises:
        FleetFileError: it is wrong, or something that it refers to.
    """
    fleet_file = load(Path(path))
    _, mistakes = prepare_fleet(fleet_file, reactor_of_process(fleet_file.spec.supervisor.reactor))
    wrong = [*socket_mistakes(fleet_file.spec, os.environ), *log_mistakes(fleet_file, os.environ), *mistakes]
    if wrong:
        raise fleet_file.error(wrong)
    risks = (*fleet_file.risks, *readable_secrets(fleet_file.secrets))
    return Checked(spec=fleet_file.spec, risks=risks)
