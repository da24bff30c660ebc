"""What the validation videos of a run look and sound like."""

from collections.abc import Sequence

import numpy as np

from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.measured_videos import measures_in_shards
from avdf.model.likelihood.reference_videos import ReferenceVideos, summarise
from avdf.model.training.distributed import Ranks

# Enough for the 1 % and 99 % of each measure, in seconds instead of minutes.
_MOST_VIDEOS = 500


class ReferenceMeasurer:
    """Measures the validation videos once, at the first validation, on all ranks together."""

    def __init__(self, videos: Sequence[VideoRef], ranks: Ranks) -> None:
        count = min(_MOST_VIDEOS, len(videos))
        # Spread evenly over the list, which has a dataset's videos side by side.
        chosen = np.linspace(0, len(videos) - 1, count).round().astype(int).tolist()
        own = chosen[ranks.rank :: ranks.world]
        self._own = [videos[number] for number in own]
        self._ranks = ranks
        self._is_measured = False
        self._found: ReferenceVideos | None = None

    def measure(self) -> ReferenceVideos | None:
        """The ranges of their measures; None where no video can be read."""
        if not self._is_measured:
            # Each rank gets the measures of all, so that each describes the run in the same way.
            shares = self._ranks.collect(measures_in_shards(self._own))
            known = [one for share in shares for one in share if one is not None]
            self._found = summarise(known)
            self._is_measured = True
        return self._found
