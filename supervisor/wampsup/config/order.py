"""The order of two delays: the first one must not be above the highest one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from wampsup.config.words import subject
from wampsup.model.spec import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wampsup.config.positions import Path
    from wampsup.config.schema import Table


def order_mistakes(
    path: Path, own: Mapping[str, Any], defaults: Mapping[str, Any], model: type[Table], keys: tuple[str, str]
) -> Iterator[Mistake]:
    """The first of `keys` must not be above the second.

    What the table at `path` (`own`) does not say is as in `defaults` or, failing that, as in `model`. Where it says
    neither of the two, a mistake is not its own.
    """
    low, high = keys
    least, most = (own.get(key, defaults.get(key, model.model_fields[key].default)) for key in keys)
    if not (_is_number(least) and _is_number(most)) or least <= most:
        return
    if high in own:
        message = f"{subject((*path, high))} must not be below `{low}` (`{least:g}`)"
        yield Mistake(path=(*path, high), message=message)
    elif low in own:
        message = f"{subject((*path, low))} must not be above `{high}` (`{most:g}`)"
        yield Mistake(path=(*path, low), message=message)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
