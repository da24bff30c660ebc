"""Which of several faces moves with the sound."""

from collections.abc import Sequence

# Measured on pairs of real speakers (docs/results.md). Below either of them nobody is named.
LEAST_AGREEMENT = 0.4
LEAST_LEAD = 0.3


def speaker_of(agreements: Sequence[float]) -> int | None:
    """The index of the face that speaks; None where it cannot be told.

    Args:
        agreements: how well the mouth of each face moves with the sound, of at least two faces.

    Raises:
        ValueError: fewer than two faces.
    """
    if len(agreements) < 2:
        raise ValueError("a speaker is told among at least two faces")
    best, second = sorted(agreements, reverse=True)[:2]
    if best < LEAST_AGREEMENT or best - second < LEAST_LEAD:
        return None
    return list(agreements).index(best)
