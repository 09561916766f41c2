"""The fleet file: TOML to the models of `wampsup.model`.

    load(path)      file -> text -> document (tomli) -> checked (`schema`, `rules`) -> spec (`build`)
                                 -> spots (`positions`) -> errors that show their place (`places`)

All mistakes of a file come at once and in its order. Neither Twisted nor Autobahn is imported here: what only they
can judge (does a module import, is an option known) is judged later, and told by way of `FleetFile.error`.
"""

from __future__ import annotations

from wampsup.config.loading import FleetFile, load

__all__ = ["FleetFile", "load"]
