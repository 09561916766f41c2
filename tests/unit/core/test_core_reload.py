"""What a changed fleet file asks of a fleet that runs."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from wampsup.core.reload import AT_ONCE, RESTARTING, UPDATING, Plan, plan, within_process
from wampsup.model.spec import (
    Backoff,
    ComponentSpec,
    FleetSpec,
    GroupSpec,
    HealthPolicy,
    HttpAddress,
    LogFileSpec,
    RestartPolicy,
    RetryPolicy,
    RouterSpec,
    SupervisorSpec,
    TransportSpec,
    UnixEndpoint,
)

EDGE = SupervisorSpec(name="edge")
WAY = TransportSpec(type="rawsocket", url="rs://unix:/r.sock", endpoint=UnixEndpoint(path="/r.sock"))
CLOCK = ComponentSpec(
    name="clock",
    main="clock:main",
    realm="realm1",
    transports=(WAY,),
    extra={"speed": 1},
    authentication={"ticket": {"authid": "joe", "ticket": "secret"}},
    instance_of="clock",
)
PATIENT = Backoff(initial_delay=9.0, max_delay=99.0, growth=2.0, jitter=0.0)

OTHER: dict[str, Any] = {
    "main": "clock:other",
    "session_factory": "clock:Session",
    "component": "clock:component",
    "realm": "realm2",
    "transports": (replace(WAY, url="rs://unix:/other.sock"),),
    "extra": {"speed": 2},
    "authentication": {"ticket": {"authid": "joe", "ticket": "new"}},
    "instance_of": "watch",
    "is_fatal": ("com.example.*",),
    "is_fatal_default": False,
    "autostart": False,
    "critical": True,
    "after": ("sun",),
    "requires": ("sun",),
    "group": "workers",
    "start_timeout": 1.0,
    "stop_timeout": 1.0,
    "max_stall": 1.0,
    "on_user_error": "log",
    "cleanup": False,
    "restart": RestartPolicy(policy="never"),
    "health": HealthPolicy(procedure="com.example.health"),
}
"""Another value for every field of `CLOCK` but its name."""


def fleet(*components: ComponentSpec, **changes: Any) -> FleetSpec:
    return FleetSpec(**{"supervisor": EDGE, "components": components, **changes})


def named(*names: str, **changes: Any) -> tuple[ComponentSpec, ...]:
    return tuple(ComponentSpec(name=name, main="m:main", **changes) for name in names)


def test_every_field_of_a_component_is_either_what_its_session_is_made_of_or_a_rule() -> None:
    assert {field.name for field in fields(ComponentSpec)} == RESTARTING | UPDATING | {"name"}
    assert not RESTARTING & UPDATING
    assert set(OTHER) == RESTARTING | UPDATING


def test_every_setting_that_takes_effect_at_once_is_one_of_the_supervisor() -> None:
    assert {field.name for field in fields(SupervisorSpec)} >= AT_ONCE


def test_the_same_file_changes_nothing() -> None:
    sun = replace(CLOCK, name="sun", extra={"never": float("nan"), "list": [1, {"two": 2}]})
    again = replace(CLOCK, name="sun", extra={"list": [1, {"two": 2}], "never": float("nan")})
    assert plan(fleet(CLOCK, sun), fleet(CLOCK, again)) == Plan(unchanged=("clock", "sun"))


@pytest.mark.parametrize("key", sorted(RESTARTING))
def test_what_a_session_is_made_of_restarts_its_component_alone(key: str) -> None:
    sun = replace(CLOCK, name="sun")
    changed = replace(CLOCK, **{key: OTHER[key]})
    assert plan(fleet(sun, CLOCK), fleet(sun, changed)) == Plan(unchanged=("sun",), restarted=("clock",))


@pytest.mark.parametrize("key", sorted(UPDATING))
def test_a_rule_restarts_nothing(key: str) -> None:
    sun = replace(CLOCK, name="sun")
    changed = replace(CLOCK, **{key: OTHER[key]})
    assert plan(fleet(sun, CLOCK), fleet(sun, changed)) == Plan(unchanged=("sun",), updated=("clock",))


def test_the_retry_policy_of_a_transport_is_a_rule() -> None:
    patient = replace(CLOCK, transports=(replace(WAY, retry=RetryPolicy(backoff=PATIENT)),))
    assert plan(fleet(CLOCK), fleet(patient)) == Plan(updated=("clock",))
    other = replace(patient, realm="realm2")
    assert plan(fleet(CLOCK), fleet(other)) == Plan(restarted=("clock",))
    longer = replace(CLOCK, transports=(WAY, WAY))
    assert plan(fleet(CLOCK), fleet(longer)) == Plan(restarted=("clock",))
    default = replace(CLOCK, transports=None)
    assert plan(fleet(CLOCK), fleet(default)) == Plan(restarted=("clock",))


@pytest.mark.parametrize("other", [True, 1.0, "1", [1]])
def test_values_that_are_equal_for_python_alone_are_a_change(other: object) -> None:
    assert plan(fleet(CLOCK), fleet(replace(CLOCK, extra={"speed": other}))).restarted == ("clock",)


def test_components_come_in_the_order_of_the_new_file_and_go_in_that_of_the_old_one() -> None:
    old = fleet(*named("a", "b", "c", "d", "e"))
    changed = named("c", "b", realm="realm2")
    new = fleet(*named("y"), *changed, *named("e", "x", "a"))
    assert plan(old, new) == Plan(
        added=("y", "x"), removed=("d",), restarted=("c", "b"), unchanged=("e", "a")
    )  # the order itself touches nobody


def test_instances_come_and_go_without_touching_those_that_stay() -> None:
    two, four = (fleet(*named(*(f"feed@{n}" for n in range(1, count + 1)), instance_of="feed")) for count in (2, 4))
    assert plan(two, four) == Plan(added=("feed@3", "feed@4"), unchanged=("feed@1", "feed@2"))
    assert plan(four, two) == Plan(removed=("feed@3", "feed@4"), unchanged=("feed@1", "feed@2"))


def test_a_group_that_comes_goes_or_has_other_rules_is_told() -> None:
    one, two = GroupSpec(name="one"), GroupSpec(name="two")
    strict = replace(two, strategy="one-for-all")
    assert plan(fleet(groups=(one, two)), fleet(groups=(GroupSpec(name="new"), strict))).groups == ("new", "two", "one")


def test_another_order_in_a_group_is_told_and_a_member_more_is_none() -> None:
    group = GroupSpec(name="chain", strategy="rest-for-one")
    old = fleet(*named("a", "b", group="chain"), groups=(group,))
    longer = fleet(*named("a", "x", "b", group="chain"), *named("y"), groups=(group,))
    assert plan(old, longer) == Plan(added=("x", "y"), unchanged=("a", "b"))
    turned = fleet(*named("b", "a", group="chain"), groups=(group,))
    assert plan(old, turned) == Plan(unchanged=("b", "a"), groups=("chain",))


def test_settings_that_are_rules_take_effect_at_once_and_others_when_the_supervisor_starts_again() -> None:
    supervisor = SupervisorSpec(
        name="sea",
        socket=Path("/s.sock"),
        socket_mode=0o660,
        socket_group=60,
        http=HttpAddress("127.0.0.1", 9100),
        http_hosts=("edge.example",),
        log_level="debug",
        log_format="json",
        log_file=LogFileSpec(path=Path("/e.log")),
        log_lines=0,
        reactor="poll",
        python_path=(Path("/lib"),),
        exit_when="all-done",
        stop_timeout=1.0,
        start_window=1,
    )
    told = plan(fleet(), fleet(supervisor=supervisor))
    assert told.settings == (
        "supervisor.log_file",
        "supervisor.exit_when",
        "supervisor.stop_timeout",
        "supervisor.start_window",
    )
    assert told.needs_restart == (
        "supervisor.name",
        "supervisor.socket",
        "supervisor.socket_mode",
        "supervisor.socket_group",
        "supervisor.http",
        "supervisor.http_hosts",
        "supervisor.log_level",
        "supervisor.log_format",
        "supervisor.log_lines",
        "supervisor.reactor",
        "supervisor.python_path",
    )


def test_the_router_needs_a_restart() -> None:
    router = RouterSpec(listen=("ws://127.0.0.1:8080/ws",), realms=("realm1",))
    more = replace(router, realms=("realm1", "realm2"))
    assert plan(fleet(router=router), fleet(router=router)) == Plan()
    assert plan(fleet(), fleet(router=router)).needs_restart == ("router",)
    assert plan(fleet(router=router), fleet()).needs_restart == ("router",)
    assert plan(fleet(router=router), fleet(router=more)).needs_restart == ("router.realms",)


def test_what_needs_a_restart_stays_as_it_was_and_is_told_again_by_the_next_reload() -> None:
    router = RouterSpec(listen=("ws://127.0.0.1:8080/ws",), realms=("realm1",))
    new = fleet(CLOCK, supervisor=SupervisorSpec(name="sea", start_window=1), router=router)
    reloaded = within_process(fleet(), new)
    assert reloaded == fleet(CLOCK, supervisor=replace(EDGE, start_window=1))
    assert plan(reloaded, new) == Plan(unchanged=("clock",), needs_restart=("supervisor.name", "router"))
