"""Where a clip can take the sound of another video from."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from avdf.model.forging.clip_place import ClipPlace


class Donors:
    """The clips with sound, by the split that their dataset gives them.

    A voice of the test split must not be heard in a training video. Where a dataset gives no
    splits, all its clips are in one.
    """

    def __init__(self, places: Sequence[ClipPlace]) -> None:
        self._splits: dict[str, _SplitDonors] = {}
        by_split: dict[str, list[ClipPlace]] = {}
        for place in places:
            if place.track.has_audio:
                by_split.setdefault(place.video.info.split, []).append(place)
        for split, members in by_split.items():
            self._splits[split] = _SplitDonors(members)

    def choose(
        self, place: ClipPlace, generator: np.random.Generator
    ) -> ClipPlace | None:
        """A clip of the same split and another person, as long as this one; None: there is none.

        Each of them is equally probable.
        """
        found = self._splits.get(place.video.info.split)
        return found.choose(place, generator) if found else None


class _SplitDonors:
    """The clips of one split, the longest ones first.

    Which of them are long enough is then found by bisection, and so are those of the same person:
    to look through all of them for each clip would take time with the square of their number.
    """

    def __init__(self, places: Sequence[ClipPlace]) -> None:
        self._places = sorted(places, key=lambda place: -place.rows)
        self._lengths = [-place.rows for place in self._places]
        # For each person, the numbers of their clips in this order.
        self._numbers: dict[str, list[int]] = {}
        for number, place in enumerate(self._places):
            self._numbers.setdefault(place.person, []).append(number)

    def choose(
        self, place: ClipPlace, generator: np.random.Generator
    ) -> ClipPlace | None:
        long_enough = bisect_right(self._lengths, -place.rows)
        own = self._numbers.get(place.person, [])
        others = long_enough - bisect_left(own, long_enough)
        if not others:
            return None
        chosen = int(generator.integers(others))
        # Before own clip `count` there are `own[count] - count` clips of others.
        before = bisect_right(range(len(own)), chosen, key=lambda n: own[n] - n)
        return self._places[chosen + before]
