"""Numbers of a case beside the same numbers computed again."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from avdf.cache.core.counted import counted

TOLERANCE = 0.001  # of any number, absolute
# Of the results, what the detector computed; the rest are texts, paths and times.
COMPARED = (
    "videos",
    "segments",
    "timelines",
    "intervals",
    "faces",
    "sync_curves",
    "thresholds",
)
# Paths and sentences that name a path differ wherever the file lies elsewhere.
_LEFT_OUT = ("id", "path", "rests_on", "reason")
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Difference:
    """One value that did not come out again.

    name    where it stands in the results, as in `videos[0].p_video`
    stated  in the case
    found   now; None where it is missing
    """

    name: str
    stated: Any
    found: Any


@dataclass(frozen=True, repr=False)
class RepeatedNumbers:
    """How the numbers of a case came out again.

    compared     how many values were compared
    identical    how many of them are equal to the last bit
    differences  values beyond the tolerance
    tolerance    the largest difference of two numbers that counts as agreement
    """

    compared: int
    identical: int
    differences: tuple[Difference, ...]
    tolerance: float = TOLERANCE

    @property
    def agree(self) -> bool:
        """Whether every value came out again within the tolerance."""
        return not self.differences

    def __repr__(self) -> str:
        return (
            f"{self.identical} of {counted(self.compared, 'value')} identical, "
            f"{len(self.differences)} beyond the tolerance of {self.tolerance:g}"
        )

    def __str__(self) -> str:
        lines = [
            f"{one.name}: {one.stated!r} in the case, {one.found!r} now"
            for one in self.differences[:_MOST_SHOWN]
        ]
        hidden = len(self.differences) - len(lines)
        if hidden > 0:
            lines.append(f"... and {hidden} more")
        return "\n".join([*lines, f"computed again: {self!r}"])


def compare_results(
    stated: Any, found: Any, tolerance: float = TOLERANCE
) -> RepeatedNumbers:
    """Compare the `results` of a case with those of scoring the same file again.

    Args:
        stated, found: documents as `ScoreResult.as_dict` gives them.
    """
    known = dict(_values(_compared_part(stated)))
    again = dict(_values(_compared_part(found)))
    differences, identical = [], 0
    for name in sorted({*known, *again}):
        first, second = known.get(name), again.get(name)
        if name in known and name in again and first == second:
            identical += 1
        elif not _is_near(first, second, tolerance):
            differences.append(Difference(name, first, second))
    compared = len({*known, *again})
    return RepeatedNumbers(compared, identical, tuple(differences), tolerance)


def _is_near(first: Any, second: Any, tolerance: float) -> bool:
    for value in (first, second):
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
    return math.isclose(first, second, rel_tol=0, abs_tol=tolerance)


def _compared_part(results: Any) -> dict[str, Any]:
    """The part that is compared. Tables by id have one entry, whose id may be another path."""
    part = {}
    for name in COMPARED:
        value = results.get(name)
        if name in ("timelines", "faces", "sync_curves") and isinstance(value, dict):
            value = list(value.values())
        part[name] = value
    return part


def _values(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value below a document with the place where it stands."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in _LEFT_OUT:
                yield from _values(one, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        # How long a list is belongs to the result, too: an empty one has no values.
        yield f"{name}.length", len(value)
        for index, one in enumerate(value):
            yield from _values(one, f"{name}[{index}]")
    else:
        yield name, value
