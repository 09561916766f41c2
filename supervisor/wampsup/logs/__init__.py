"""The log of a running fleet: one line for each thing that was said, with the name of the component that said it.

Events of every source (Twisted, txaio, `logging`, `print`, warnings, unhandled errors) become `Record`s in a `sink`,
which hands them to a stream, as text or JSON lines, and to the lines that are kept for `wampsup logs`. `install` puts
that in place in a process of our own, `guest` in somebody else's.
"""
