"""What a fleet is made of, whether a file describes it or a program hands its components over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wampsup.config import load
from wampsup.daemon import blueprints_of
from wampsup.errors import WampsupError
from wampsup.library.arguments import check_defaults, check_restart, check_settings
from wampsup.model.spec import ComponentSpec, FleetSpec, SupervisorSpec
from wampsup.reactor.kinds import reactor_of_process
from wampsup.wamp.blueprint import prepare
from wampsup.wamp.objects import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wampsup.model.spec import ExitWhen, OnUserError, RestartPolicy
    from wampsup.wamp.blueprint import Blueprint
    from wampsup.wamp.objects import Components

UNNAMED = "fleet"
"""What a fleet without a name is called in its log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A fleet that can be started, also more than once; `file` is its fleet file, if it has one."""

    spec: FleetSpec
    blueprints: Mapping[str, Blueprint]
    file: str | None
    has_socket: bool


def plan_of_file(path: str | Path) -> Plan:
    """The fleet of that file.

    Raises:
        FleetFileError: the file is wrong, or what it refers to; its `str` is the whole text for a person, since a host
            shows no more of it.
    """
    try:
        fleet_file = load(Path(path))
        blueprints = blueprints_of(fleet_file, reactor_of_process(fleet_file.spec.supervisor.reactor))
    except WampsupError as error:
        error.args = (error.render(),)
        raise
    return Plan(spec=fleet_file.spec, blueprints=blueprints, file=str(fleet_file.path), has_socket=True)


def plan_of_objects(
    components: Components,
    *,
    name: str | None,
    restart: RestartPolicy,
    on_user_error: OnUserError,
    exit_when: ExitWhen,
) -> Plan:
    """A fleet of these components, with a control socket where it has a name.

    Raises:
        TypeError: one of the other arguments is of the wrong type.
        ValueError: a component can't be supervised, or another argument is wrong.
    """
    check_settings(name=name, exit_when=exit_when)
    check_restart(restart)
    check_defaults(on_user_error=on_user_error)
    objects = named(components)
    specs = tuple(ComponentSpec(name=each, restart=restart, on_user_error=on_user_error) for each in objects)
    blueprints, mistakes = prepare(specs, reactor_of_process(), objects=objects)
    if mistakes:
        raise ValueError("\n".join(mistake.message for mistake in mistakes))
    supervisor = SupervisorSpec(name=name or UNNAMED, exit_when=exit_when)
    return Plan(
        spec=FleetSpec(supervisor=supervisor, components=specs),
        blueprints=blueprints,
        file=None,
        has_socket=name is not None,
    )
