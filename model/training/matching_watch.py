"""Whether the matching loss trains anything, from the lines of a run's log.

The paper's loss can be 0 from the first step on, and it can fall to 0 by making all features alike
(docs/method.md). Either way the distances of the run say nothing about lips and audio.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from avdf.model.losses import Matching

Lines = Sequence[Mapping[str, Any]]  # of `log.jsonl`: name -> value

COLLAPSED = 0.01  # a mean distance of mismatched pairs below it
_DISTANCES = ("matched_distance", "mismatched_distance")


def matching_figures(lines: Lines) -> dict[str, float | None]:
    """Figures of one epoch: the share of steps whose matching loss is 0, and both mean distances.

    None where no step has a value: the matching loss is off or has nothing to compare.
    """
    losses = _values(lines, "matching")
    idle = [loss == 0 for loss in losses]
    figures = {"matching_zero": _mean(idle)}
    for name in _DISTANCES:
        figures[name] = _mean(_values(lines, name))
    return figures


def matching_notes(lines: Lines, matched_by: Matching = "cmfm") -> tuple[str, ...]:
    """A sentence for each way in which the matching loss has failed, from all lines of a run.

    Args:
        matched_by: which matching loss it was.
    """
    advice = "; try training.matching=infonce" if matched_by == "cmfm" else ""
    losses = _values(lines, "matching")
    if not losses:
        return ()
    if not any(losses):
        return (
            "the matching loss was 0 in every step, so nothing has learned whether lips and "
            f"audio belong together{advice}",
        )
    last = [line for line in lines if line["epoch"] == lines[-1]["epoch"]]
    mismatched = _mean(_values(last, "mismatched_distance"))
    if mismatched is None or mismatched >= COLLAPSED:
        return ()
    return (
        f"the matching loss has collapsed: even pairs that do not belong together have a distance "
        f"of {mismatched:.4f}, so the distances of this run say nothing{advice}",
    )


def _values(lines: Lines, name: str) -> list[float]:
    found = [line.get(name) for line in lines]
    return [value for value in found if value is not None and math.isfinite(value)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
