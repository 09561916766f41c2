"""`wampsup.run`: the components of a program, supervised until all of them have ended."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from twisted.logger import LoggingFile

from wampsup.claim import claim
from wampsup.errors import WampsupError
from wampsup.library.arguments import check_settings
from wampsup.library.plan import Plan, plan_of_objects
from wampsup.logs.guest import listen
from wampsup.logs.install import install
from wampsup.logs.lifecycle import tell, tell_host
from wampsup.logs.sink import in_lines, to_stream
from wampsup.logs.stalls import StallLog
from wampsup.model.spec import RestartPolicy
from wampsup.process import Process
from wampsup.reactor.kinds import reactor_of_process
from wampsup.supervisor import Supervisor, lines_of
from wampsup.wamp.calling import may_run

if TYPE_CHECKING:
    from wampsup.model.spec import LogLevel, OnUserError
    from wampsup.runtime.lines import Lines
    from wampsup.wamp.objects import Components


def run(  # noqa: PLR0913 - Autobahn's parameters, and ours
    components: Components,
    log_level: LogLevel | None = "info",
    stop_at_close: bool = True,  # noqa: ARG001, FBT001, FBT002 - Autobahn's parameter
    *,
    name: str | None = None,
    restart: RestartPolicy = RestartPolicy(),
    on_user_error: OnUserError = "fail",
) -> NoReturn:
    """Run components until all of them have ended, and supervise them as a fleet file's components are.

    It takes what `autobahn.twisted.component.run` takes, and ends as that does: with `SystemExit`, since the reactor of
    a process runs once. SIGINT and SIGTERM, and a component's `reactor.stop()`, stop all components in order.

    Args:
        components: Components of `autobahn.twisted.component`: one, several, or a mapping of names to them. Those
            without a name are called after their `main` or their session's class. How patiently a transport is tried
            again is said in the Component, as ever.
        log_level: How much is logged to standard output; `None` leaves logging as it is, and so does logging that
            this program has begun already.
        stop_at_close: Taken for Autobahn's sake, and without an effect, as it is there: the end of all components ends
            the process.
        name: With a name the fleet has a control socket, and `wampsup status` and its like find it.
        restart: When a component that failed is started again.
        on_user_error: What it means that `onJoin`, an `on_join` handler or a registration fails, or does not return in
            time: `"fail"`, a failure of the component; `"log"`, a line in the log.

    Raises:
        SystemExit: always. 0: all have ended well, or a signal or a person ended them; 1: one of them failed for good,
            or the control socket can't be opened.
        TypeError: an argument is of the wrong type; nothing has started then.
        ValueError: a component can't be supervised, or another argument is wrong; the same.
        ReactorAlreadyRunning: the reactor runs: `wampsup.Fleet` is for that.
    """
    reactor = _reactor()
    if log_level is not None:
        check_settings(log_level=log_level)
    plan = plan_of_objects(components, name=name, restart=restart, on_user_error=on_user_error, exit_when="all-done")
    try:
        sys.exit(_run(plan, log_level, reactor))
    except WampsupError as error:
        sys.exit(error.render())


def _reactor() -> Any:
    """The reactor, if it may be run; what is in its way is raised before anything has begun."""
    reactor = reactor_of_process()
    if not may_run(reactor):
        reactor.run()
    return reactor


def _run(plan: Plan, log_level: LogLevel | None, reactor: Any) -> int:
    with ExitStack() as claims:
        claimed = lines = None
        if plan.has_socket:
            claimed = claim(plan.spec.supervisor)
            claims.callback(claimed.release)
            lines = lines_of(plan.spec.supervisor)
        is_ours = _begin_log(log_level, lines)
        supervisor = Supervisor(plan.spec, plan.blueprints, reactor, claimed=claimed, fleet_file=plan.file, lines=lines)
        supervisor.fleet.watch(partial(tell if is_ours else tell_host, commands=plan.has_socket))
        supervisor.stalls.teller = StallLog(host=not is_ours)
        if lines is not None and not is_ours:
            claims.callback(listen(plan.spec.supervisor.log_level, lines.keep, supervisor.fleet))
        return Process(supervisor, reactor, guest=True).run()


def _begin_log(level: LogLevel | None, lines: Lines | None) -> bool:
    """Begin to log, unless somebody has; whether it is our log now."""
    if level is None or isinstance(sys.stdout, LoggingFile):  # what Twisted's logging makes of it, as txaio begins it
        return False
    install(level, in_lines("text", to_stream(sys.stdout)), *([] if lines is None else [lines.keep]))
    return True
