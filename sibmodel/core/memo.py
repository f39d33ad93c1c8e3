"""What has been worked out once already."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Memo:
    """Results by name and by the objects from which they follow. Nobody may change an array that is kept here."""

    _found: dict[tuple[Hashable, ...], tuple[tuple[object, ...], object]] = field(default_factory=dict)

    def once(self, what: Hashable, make: Callable[[], Found], *of: object) -> Found:
        """`make()`, asked only the first time that this is wanted of these very objects."""
        key = (what, *map(id, of))
        if key not in self._found:
            self._found[key] = of, make()  # the objects are kept too, so that no other can have their identity
        return self._found[key][1]  # type: ignore[return-value]
