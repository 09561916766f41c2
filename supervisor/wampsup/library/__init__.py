"""wampsup as a library: `running.run` for a program's own components, `fleet.Fleet` for who runs the reactor already.

Their names are `wampsup.run` and `wampsup.Fleet`.
"""
