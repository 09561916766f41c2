"""Whose event it is: a reactor that runs each event in the context of the component that caused it, and keeps accounts.

All components share one reactor and one thread. Each attempt of a component runs in a `contextvars.Context` that holds
its `Scope` (`scope`). The reactors here (`aware`, `kinds`) hand that context on to whatever comes of its code: sockets,
timers, threads, child processes, coroutines (`steps`). Each event is charged to an `Account` by the `ledger`.

What comes of that: shares of time (`meter`), who blocks the reactor and where (`watchdog`), what an ended attempt has
left behind (`leftovers`), and where the time goes that a component takes (`profile`).
"""
