"""Errors that Twisted logs, which nobody would see: failures, and unhandled errors in Deferreds.

The fixture `logged_errors` fails a test that leaves one behind; `take` is how a test says that it expects it.
"""

from __future__ import annotations

import gc
import re
from typing import TYPE_CHECKING, cast

from twisted.logger import LogLevel, eventAsText, globalLogPublisher

if TYPE_CHECKING:
    from twisted.logger import ILogObserver, LogEvent


class LoggedErrors:
    """The failures logged as critical since it was made, as texts with their tracebacks."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._observer = cast("ILogObserver", self._observe)  # zope.interface tells mypy nothing
        globalLogPublisher.addObserver(self._observer)

    def take(self, pattern: str) -> list[str]:
        """Expect the errors whose text the regular expression finds: they don't fail the test any more.

        Raises AssertionError where there is none. Call it outside of the scenario, when that is done.
        """
        gc.collect()  # an unhandled error shows when its Deferred goes
        taken = [text for text in self._texts if re.search(pattern, text)]
        assert taken, f"no error was logged that has `{pattern}`, but these: {self._texts}"
        self._texts = [text for text in self._texts if text not in taken]
        return taken

    def close(self) -> None:
        """Stop listening; raises AssertionError where errors are left."""
        gc.collect()
        globalLogPublisher.removeObserver(self._observer)
        assert not self._texts, "errors were logged:\n" + "\n".join(self._texts)

    def _observe(self, event: LogEvent) -> None:
        # An unhandled error in a Deferred is two events; the first has nothing but that title.
        if event.get("log_level") is LogLevel.critical and "log_failure" in event:
            self._texts.append(eventAsText(event))
