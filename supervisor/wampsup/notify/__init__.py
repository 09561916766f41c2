"""What a service manager, such as systemd, is told of a fleet that it has started: sd_notify(3).

`manager` finds it in the environment, `channel` sends to it, `notifier` says what happens, and `status` how the
components are.
"""
