"""Deterministic draws: order by a hash of names, so that a split depends on nothing but the names in it."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence

from avdf.cache.core.video import VideoInfo

Cell = tuple[str, str]  # group and gender


def ranked(names: Iterable[str], salt: str) -> list[str]:
    """Distinct names in a random order that `salt` decides."""
    return sorted(set(names), key=lambda name: hashlib.sha256(f"{salt}:{name}".encode()).digest())


def identity_of(video: VideoInfo) -> str:
    """Who is seen; a video without an identity stands for itself."""
    return video.identity or video.id


def people_of(video: VideoInfo) -> set[str]:
    """Everybody who is seen or heard: whose video it is, and its targets."""
    return {identity_of(video), *video.targets.split()}


def cells(videos: Sequence[VideoInfo]) -> Mapping[Cell, list[str]]:
    """Identities of each group and gender, so that splits keep their shares. A person is in one cell only."""
    cell_of: dict[str, Cell] = {}
    for video in videos:
        name, cell = identity_of(video), (video.group, video.gender)
        cell_of[name] = min(cell_of.get(name, cell), cell)
    found: dict[Cell, list[str]] = {}
    for name, cell in sorted(cell_of.items()):
        found.setdefault(cell, []).append(name)
    return found


def shared_out(
    members: Mapping[Cell, Sequence[str]], shares: Mapping[str, float], salt: str
) -> dict[str, str]:
    """Name -> share's name: shares that are right within each cell, and over all cells, as nearly as can be.

    Of three names and more, each share gets one.
    """
    counts = _counts({cell: len(set(names)) for cell, names in members.items()}, shares, salt)
    found = {}
    for cell, names in members.items():
        order = iter(ranked(names, salt))
        for share, count in counts[cell].items():
            found.update({next(order): share for _ in range(count)})
    for share in shares:
        taken = list(found.values())
        if share not in taken and len(taken) >= len(shares):
            largest = max(shares, key=taken.count)
            found[ranked((name for name, own in found.items() if own == largest), salt)[0]] = share
    return found


def _counts(
    sizes: Mapping[Cell, int], shares: Mapping[str, float], salt: str
) -> dict[Cell, dict[str, int]]:
    """How many of each cell go to each share. What rounding down leaves over goes to the largest remainders of all."""
    totals = _largest_remainder(sum(sizes.values()), shares)
    exact = {
        (cell, share): size * part for cell, size in sizes.items() for share, part in shares.items()
    }
    counts = {place: math.floor(round(value, 9)) for place, value in exact.items()}
    of_cell = {
        cell: size - sum(counts[cell, share] for share in shares) for cell, size in sizes.items()
    }
    of_share = {
        share: total - sum(counts[cell, share] for cell in sizes) for share, total in totals.items()
    }
    tie = {
        name: place
        for place, name in enumerate(ranked((f"{cell}:{share}" for cell, share in exact), salt))
    }
    order = sorted(
        exact,
        key=lambda place: (-round(exact[place] - counts[place], 9), tie[f"{place[0]}:{place[1]}"]),
    )
    # The second time over, a place may get another one: what the first leaves fits nowhere else.
    for cell, share in (*order, *order, *order):
        if of_cell[cell] > 0 and of_share[share] > 0:
            counts[cell, share] += 1
            of_cell[cell] -= 1
            of_share[share] -= 1
    return {cell: {share: counts[cell, share] for share in shares} for cell in sizes}


def _largest_remainder(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    counts = {share: math.floor(round(total * part, 9)) for share, part in shares.items()}
    order = sorted(shares, key=lambda share: -round(total * shares[share] - counts[share], 9))
    for share in order[: total - sum(counts.values())]:
        counts[share] += 1
    return counts
