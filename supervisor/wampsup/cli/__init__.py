"""The command line: `main` takes arguments to an exit code.

All but `start FLEET.toml` is a small client of the control API, and its imports are kept cheap.
"""
