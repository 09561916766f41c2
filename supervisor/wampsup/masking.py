"""Keeps secrets out of everything that is shown: whoever reads one remembers it here, whoever shows a text masks it.

It is one memory for the whole process, since a secret may turn up anywhere: in the message of an exception, in a
traceback, in a line that a library logs. What was once a secret stays one.
"""

from __future__ import annotations

import json
from urllib.parse import quote

MASK = "..."

SHORTEST = 4
"""Characters. What is shorter is not looked for: it would be found everywhere, and is no secret anyway."""


class Masker:
    """Finds secrets in texts, in every form in which they are likely to be written."""

    def __init__(self) -> None:
        self._forms: dict[str, list[str]] = {}  # by their first characters, the longest first

    def remember(self, secret: str) -> None:
        """Mask `secret` from now on."""
        for form in _forms(secret):
            if len(form) < SHORTEST:
                continue
            alike = self._forms.setdefault(form[:SHORTEST], [])
            if form not in alike:
                alike.append(form)
                alike.sort(key=len, reverse=True)

    def mask(self, text: str) -> str:
        """`text` with each secret in it replaced; takes time for its length alone, however many secrets there are."""
        if not self._forms:
            return text
        pieces, done, at = [], 0, 0
        while at <= len(text) - SHORTEST:
            alike = self._forms.get(text[at : at + SHORTEST], ())
            found = next((form for form in alike if text.startswith(form, at)), None)
            if found is None:
                at += 1
            else:
                pieces += [text[done:at], MASK]
                done = at = at + len(found)
        return "".join([*pieces, text[done:]])


def _forms(secret: str) -> set[str]:
    """A secret as it is, and as Python, JSON, URLs and hexadecimal dumps write it; of several lines, each alone too."""
    lines = {line.strip() for line in secret.splitlines()}
    plain = {secret, secret.strip(), *lines}
    quoted = {form for each in plain for form in (repr(each)[1:-1], json.dumps(each)[1:-1], quote(each, safe=""))}
    return plain | quoted | {secret.encode(errors="surrogateescape").hex()}


_masker = Masker()

remember = _masker.remember
mask = _masker.mask
