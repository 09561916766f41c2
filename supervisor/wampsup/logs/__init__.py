"""The log of a running fleet: one line for each thing that happened, with the name of the component it happened to.

Events of every source (Twisted, txaio, `logging`, `print`, warnings, unhandled errors) become a `record.Record`, and
records become text or JSON lines. `install` puts that in place.
"""
