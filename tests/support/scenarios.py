"""Scenarios: what happens to a fleet, told in sentences, with the transitions that each sentence leads to.

A script reads like a transcript. A line at the margin is a step; the indented ones below it are what a watcher of the
fleet sees until all is at rest again, in this order:

    db crashes
        db: running -> stopping -> backoff -> waiting -> connecting -> running

Transitions of one component that follow on each other share a line, and who was behind one stands in parentheses.
Where a script says `...`, they are not its point; they count all the same when two stages are compared, line by line
(`Played.trace`). Steps joined by a semicolon happen at once, without a rest between them, and `, until NAME is STATE`
goes on with the next step at that moment. `support.stages` has the stages, in memory and on a real router.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import groupby
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

from wampsup.model import event as ev
from wampsup.model.spec import (
    Backoff,
    ComponentSpec,
    FleetSpec,
    GroupSpec,
    RestartPolicy,
    RetryPolicy,
    SupervisorSpec,
    TcpEndpoint,
    TransportSpec,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from support.stage import Stage
    from wampsup.model.spec import ExitWhen, RestartCondition
    from wampsup.model.transition import Cause

RESTART = Backoff(initial_delay=0.1, max_delay=0.1, growth=1.0, jitter=0.0)
RETRY = Backoff(initial_delay=0.4, max_delay=0.4, growth=1.0, jitter=0.0)
"""All of a fleet must have lost the router, and have it back, within this."""

NOT_TOLD = "..."
RELOAD = "the fleet file is read again"


def component(
    name: str, restart: RestartCondition = "on-failure", max_restarts: int = 5, max_retries: int = -1, **changes: Any
) -> ComponentSpec:
    """A component with short times; a `PermissionError` is fatal to it."""
    retry = RetryPolicy(max_retries=max_retries, backoff=RETRY)
    endpoint = TcpEndpoint(host="127.0.0.1", port=8080)
    spec = ComponentSpec(
        name=name,
        session_factory="autobahn.twisted.wamp:ApplicationSession",
        transports=(TransportSpec(type="websocket", url="ws://127.0.0.1:8080/ws", endpoint=endpoint, retry=retry),),
        is_fatal=("builtins.PermissionError",),
        stop_timeout=5.0,
        restart=RestartPolicy(policy=restart, backoff=RESTART, max_restarts=max_restarts),
    )
    return replace(spec, **changes)


def fleet(
    *components: ComponentSpec, groups: Sequence[GroupSpec] = (), exit_when: ExitWhen = "never", start_window: int = 1
) -> FleetSpec:
    """A fleet; one joins after the other, so that the order of all transitions is determined."""
    supervisor = SupervisorSpec(name="edge", exit_when=exit_when, start_window=start_window)
    return FleetSpec(supervisor=supervisor, components=components, groups=tuple(groups))


@dataclass(frozen=True, slots=True)
class Line:
    """A transition of a component."""

    name: str
    before: str
    after: str
    cause: Cause

    def __str__(self) -> str:
        return f"{self.name}: {self.before} -> {self.after} ({self.reason})"

    @property
    def reason(self) -> str:
        """What happened, and who was behind that."""
        return f"{self.cause.event} by {self.cause.by}" if self.cause.by else self.cause.event


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a scenario on a stage: each step with the transitions that it led to, or with the fleet's end."""

    steps: list[tuple[str, list[Line | str]]]

    @property
    def trace(self) -> str:
        """A line for each step and, below it, one for each transition that it led to, with its cause."""
        return "\n".join(text for step, lines in self.steps for text in (step, *(f"    {line}" for line in lines)))

    def told_as(self, script: str) -> str:
        """As the script tells it, which leaves out what is not its point."""
        wanted = parse(script)
        text = ""
        for (step, lines), (_, expected) in zip(self.steps, wanted, strict=True):
            text += f"{step}\n" + indent(NOT_TOLD + "\n" if expected == [NOT_TOLD] else _tell(lines), "    ")
        return text


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fleet, the fleets that it becomes when it is read again, and what happens to it."""

    fleet: FleetSpec
    script: str
    becomes: Sequence[FleetSpec] = field(default_factory=tuple)

    @property
    def told(self) -> str:
        """The script without its margin."""
        return dedent(self.script).lstrip("\n")

    async def play(self, stage: Stage) -> Played:
        """Let it happen there; the fleet has ended then."""
        becomes = iter(self.becomes)
        played = Played([])
        for step, _ in parse(self.script):
            stage.lines = []
            acts, _, until = step.partition(", until ")
            for act in acts.split("; "):
                if act == RELOAD:
                    stage.reload(next(becomes))
                else:
                    await _act(stage, act)
            await (_moment(stage, until) if until else stage.wait(stage.at_rest, "rest"))
            played.steps.append((step, stage.lines))
        return played


def parse(script: str) -> list[tuple[str, list[str]]]:
    """The steps, each with the lines below it."""
    steps: list[tuple[str, list[str]]] = []
    for line in filter(None, dedent(script).splitlines()):
        if line.startswith(" "):
            steps[-1][1].append(line.strip())
        else:
            steps.append((line, []))
    return steps


async def _act(stage: Stage, sentence: str) -> None:
    for pattern, act in _SENTENCES.items():
        if said := re.fullmatch(pattern, sentence):
            done = act(stage, *said.groups())
            if done is not None:
                await done
            return
    raise AssertionError(f"nobody knows how to do this: {sentence}")


_SENTENCES: dict[str, Callable[..., Awaitable[None] | None]] = {
    "the fleet starts": lambda stage: stage.fleet.start(),
    "the fleet is shut down": lambda stage: stage.fleet.shutdown(),
    "a person starts (.+)": lambda stage, names: stage.command(names, ev.Start()),
    "a person stops (.+)": lambda stage, names: stage.command(names, ev.Stop()),
    "a person restarts (.+)": lambda stage, names: stage.command(names, ev.Restart()),
    r"(\S+) crashes": lambda stage, name: stage.crash(name),
    r"(\S+) fails fatally": lambda stage, name: stage.fail_fatally(name),
    r"(\S+) completes": lambda stage, name: stage.complete(name),
    r"(\S+) will not leave when it is told to": lambda stage, name: stage.hanging.add(name),
    r"(\S+) loses its connection": lambda stage, name: stage.drop(name),
    "the router goes away": lambda stage: stage.shut_out(tuple(stage.fleet.units)),
    r"the router goes away for (\S+)": lambda stage, name: stage.shut_out([name]),
    "the router comes back": lambda stage: stage.let_in(),
    r"the router does not answer (\S+)": lambda stage, name: stage.be_silent_to(name),
    r"the router answers (\S+) again": lambda stage, name: stage.answer_again(name),
}


async def _moment(stage: Stage, until: str) -> None:
    name, state = until.split(" is ")
    await stage.wait(lambda: stage.state(name) == state, until)


def _tell(lines: list[Line | str]) -> str:
    """Transitions of one component that follow on each other share a line."""
    text = ""
    for _, run in groupby(lines, lambda line: line.name if isinstance(line, Line) else line):
        together = list(run)
        first = together[0]
        text += f"{first.name}: {first.before}" if isinstance(first, Line) else first
        text += "".join(_tell_move(line) for line in together if isinstance(line, Line)) + "\n"
    return text


def _tell_move(line: Line) -> str:
    """The reason is said where somebody was behind it, and where the state tells nothing new."""
    if line.before == line.after:
        return f" ({line.reason})"
    return f" -> {line.after}" + (f" ({line.reason})" if line.cause.by else "")
