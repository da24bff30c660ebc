"""Pieces of footage so short that no window, wherever it begins, is without a whole one."""

from itertools import pairwise

from avdf.cache.core.clock import SEGMENT_FRAMES

LONGEST = SEGMENT_FRAMES // 2


def pieces(rows: int) -> list[tuple[int, int]]:
    """The first row of each piece, and the row after its last one; they follow each other.

    A window (16 rows) is one piece. Longer footage has pieces of 8 rows or fewer, of nearly equal
    length: whatever is forged in each of them is forged in each window.
    """
    if rows <= SEGMENT_FRAMES:
        return [(0, rows)]
    count = -(-rows // LONGEST)
    edges = [number * rows // count for number in range(count + 1)]
    return list(pairwise(edges))
