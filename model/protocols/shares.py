"""Identities shared out over splits: right shares overall, and in each group and gender.

Everything depends on names alone, so the same videos are always split in the same way.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import islice

from avdf.cache.core.identities import identity_of, in_hash_order
from avdf.cache.core.video import VideoInfo

Cell = tuple[str, str]  # group and gender
Shares = Mapping[str, float]  # name of a share -> its part of 1
Place = tuple[Cell, str]  # a cell and a share
_DIGITS = 9  # products are rounded to: 0.31 x 100 must not fall below 31


def identities_by_cell(videos: Sequence[VideoInfo]) -> dict[Cell, list[str]]:
    """The identities of each group and gender, in alphabetical order. A person is in one cell."""
    cell_of: dict[str, Cell] = {}
    for video in videos:
        name = identity_of(video)
        cell = (video.group, video.gender)
        # A person whom a dataset lists under two groups gets the first of them.
        cell_of[name] = min(cell_of.get(name, cell), cell)
    found: dict[Cell, list[str]] = {}
    for name, cell in sorted(cell_of.items()):
        found.setdefault(cell, []).append(name)
    return found


def share_out(
    members: Mapping[Cell, Sequence[str]],
    shares: Shares,
    salt: str,
) -> dict[str, str]:
    """Name -> the share that it belongs to.

    Shares are as near as can be to what is asked for, in each cell and over all cells. Of as many
    names as there are shares, or more, each share gets at least one.

    Args:
        members: the names in each cell.
        salt: decides which names go where.
    """
    sizes = {cell: len(set(names)) for cell, names in members.items()}
    counts = _counts(sizes, shares, salt)
    found: dict[str, str] = {}
    for cell, names in members.items():
        order = iter(in_hash_order(names, salt))
        for share in shares:
            own = islice(order, counts[cell, share])
            found.update(dict.fromkeys(own, share))

    # A share that rounding left empty takes one name of the largest share.
    for share in shares:
        taken = list(found.values())
        if share not in taken and len(taken) >= len(shares):
            largest = max(shares, key=taken.count)
            candidates = (name for name, own in found.items() if own == largest)
            found[in_hash_order(candidates, salt)[0]] = share
    return found


def _counts(
    sizes: Mapping[Cell, int],
    shares: Shares,
    salt: str,
) -> dict[Place, int]:
    """How many names of each cell go to each share."""
    # A worked example: 5 names in cell A, 5 in cell B, shares train 0.7 and test 0.3. Exact: 3.5
    # and 1.5 in each cell. Rounded down: 3 and 1, which leaves one name in each cell.
    exact = {
        (cell, share): sizes[cell] * shares[share] for cell in sizes for share in shares
    }
    counts = {place: _floor(value) for place, value in exact.items()}

    # What rounding down leaves over: in each cell, and in each share as a whole.
    # In the example all 10 names divide into 7 and 3: one more for train, one more for test.
    left_in_cell = dict(sizes)
    left_in_share = _largest_remainder(sum(sizes.values()), shares)
    for (cell, share), count in counts.items():
        left_in_cell[cell] -= count
        left_in_share[share] -= count

    # The places that lost most by rounding down come first, equal ones in the order of a hash.
    names = {place: f"{place[0]}:{place[1]}" for place in exact}
    hashed = in_hash_order(names.values(), salt)

    def urgency(place: Place) -> tuple[float, int]:
        lost = round(exact[place] - counts[place], _DIGITS)
        return -lost, hashed.index(names[place])

    # In the example all four places lost 0.5, so the hash decides. If (A, train) comes first, A's
    # name goes to train; then train is full, and B's name goes to test.
    order = sorted(exact, key=urgency)
    # One pass may leave over what fits only a place that has got one already: so three passes.
    for cell, share in (*order, *order, *order):
        if left_in_cell[cell] > 0 and left_in_share[share] > 0:
            counts[cell, share] += 1
            left_in_cell[cell] -= 1
            left_in_share[share] -= 1
    return counts


def _largest_remainder(total: int, shares: Shares) -> dict[str, int]:
    """Whole numbers in the ratio of the shares that sum to `total`."""
    counts = {share: _floor(total * part) for share, part in shares.items()}

    def lost(share: str) -> float:
        return round(total * shares[share] - counts[share], _DIGITS)

    order = sorted(shares, key=lambda share: -lost(share))
    for share in order[: total - sum(counts.values())]:
        counts[share] += 1
    return counts


def _floor(value: float) -> int:
    return math.floor(round(value, _DIGITS))
