"""Which windows an epoch trains on: a random position in each video of its batches, and its labels.

Every choice is a function of the seed, the epoch and the slot in the epoch, so that a resumed run
and a run with another number of ranks read the same windows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES
from avdf.cache.stream.index import TrackRef, VideoRef
from avdf.cache.stream.order import Batches, window_start
from avdf.cache.stream.windows import Window
from avdf.model.runs.config import RunConfig
from avdf.model.training.changed_window import ChangedWindow
from avdf.model.training.distributed import Ranks
from avdf.model.training.training_set import TrainingSet
from avdf.model.training.window_labels import LEAST_ROWS, trained_label, window_label
from avdf.model.training.window_pairs import WindowPairs
from avdf.model.verdicts import PerVerdict, labels_of

MOST_REPLACEMENTS = 20  # other windows that are tried where one cannot be read
_REPLACEMENTS_OF_VIDEO = 4  # the first of them come from the same video
# Rows before and after a period within which a window still covers enough of it.
_MARGIN = SEGMENT_FRAMES - LEAST_ROWS


class WindowSampler:
    """Chooses the windows of this rank's share of each batch."""

    def __init__(self, data: TrainingSet, config: RunConfig, ranks: Ranks) -> None:
        self._data, self._config, self._ranks = data, config, ranks
        self._by_period = config.data.labels == "periods"
        self._pairs = WindowPairs(data, config)

    def batches(self, epoch: int) -> Batches:
        """(steps, batch of this rank) positions of an epoch's videos in the training set."""
        ranks = self._ranks
        return self._data.batches(self._config, epoch, ranks.rank, ranks.world)

    def windows(
        self, batches: Batches, epoch: int, done: int
    ) -> Iterator[list[Window]]:
        """The windows of an epoch's batches, one batch after another, without the first `done`."""
        share = batches.shape[1]
        for index in range(done, len(batches)):
            # Slots number the windows of an epoch over all ranks: rank 0 of two has 0 to 3 of a
            # batch of eight, rank 1 has 4 to 7.
            first = index * share * self._ranks.world + share * self._ranks.rank
            videos = batches[index].tolist()
            windows = [
                self._window(video, epoch, first + position)
                for position, video in enumerate(videos)
            ]
            yield self._pairs.arranged(windows, epoch, first)

    def replacement(self, window: Window, epoch: int, attempt: int) -> Window:
        """A window to train on in place of one that cannot be read.

        The first attempts take other rows of the same video, later ones a video with the same
        labels, so that the classes of the batch stay as they were.
        """
        seed = self._config.training.seed
        # The attempt is in the seed: each attempt chooses anew, and a resumed run chooses the same.
        entropy = [seed, epoch, window.video, window.row, attempt]
        generator = np.random.default_rng(entropy)
        video = window.video
        if attempt > _REPLACEMENTS_OF_VIDEO:
            labels = self._data.labels
            same_labels = (labels == labels[window.video]).all(axis=1)
            video = int(generator.choice(np.flatnonzero(same_labels)))
        # The number of an epoch's slot would give the same unreadable window again: a random one.
        slot = int(generator.integers(2**31))
        new = self._window(video, epoch, slot)
        # A window that was forged stays forged. If its source cannot be read either, both have the
        # same numbers here, and so remain a pair.
        return self._pairs.replaced(window, new, epoch, slot)

    def another_forgery(self, window: Window, epoch: int, attempt: int) -> Window:
        """The same window forged in another way, where its forger cannot forge it."""
        if attempt > _REPLACEMENTS_OF_VIDEO:
            return self.replacement(window, epoch, attempt)
        return self._pairs.replanned(window, epoch, attempt)

    def labels(self, windows: Sequence[Window]) -> torch.Tensor:
        """(windows, 3) int64: label, label_visual, label_audio, of videos or by their periods.

        Of what a window does not have, the label is `ABSENT`. Where windows are forged, a fourth
        column has the number of each window's source, which a forged window shares with the
        genuine one that it was made of.
        """
        rows = []
        for window in windows:
            labels = self._labels_of(window)
            row = [labels.video, labels.visual, labels.audio]
            if self._data.forgers and isinstance(window, ChangedWindow):
                row.append(window.source)
            rows.append(row)
        return torch.tensor(rows, dtype=torch.int64)

    def _labels_of(self, window: Window) -> PerVerdict[int]:
        video = self._data.train[window.video]
        if isinstance(window, ChangedWindow) and window.plan is not None:
            whole = window.plan.labels
        elif self._by_period:
            # A fake video is real outside of its manipulated periods, and so is a window there.
            whole = window_label(video.info, video.file_time(window.row))
        else:
            whole = labels_of(video.info)
        return trained_label(whole, video.has_audio, video.has_picture)

    def _window(self, index: int, epoch: int, slot: int) -> Window:
        """A random window of the training video with this index."""
        video, seed = self._data.train[index], self._config.training.seed
        tracks = video.tracks
        if self._by_period:
            tracks = sampling_tracks(video, seed, epoch, slot)
        # `skip_start` counts from the start of the video; a later track has less to skip.
        skip_start = self._config.data.skip_start
        skip = [
            max(0, skip_start - round(track.start * FRAME_RATE)) for track in tracks
        ]
        rows = [track.row for track in tracks]
        lengths = [track.rows for track in tracks]
        row = window_start(rows, lengths, skip, seed, epoch, slot)
        return Window(index, video.shard, row)


def sampling_tracks(
    video: VideoRef, seed: int, epoch: int, slot: int
) -> tuple[TrackRef, ...]:
    """The parts of a video from which a window is chosen.

    Half of the choices are from all of its tracks, the other half only from the surroundings of
    its manipulated periods: otherwise most windows of a video with a short manipulated part would
    be real.
    """
    periods = video.info.periods
    generator = np.random.default_rng([seed, epoch, slot, 1])
    # The last 1 in the seed keeps this choice independent of that of the window, which has the same
    # three numbers without it.
    if not periods or generator.random() < 0.5:
        return video.tracks
    near = []
    for period in periods:
        for track in video.tracks:
            # Periods are in file time, tracks begin `video.offset` seconds later.
            begin = video.offset + track.start
            period_first = round((period.start - begin) * FRAME_RATE)
            period_stop = round((period.end - begin) * FRAME_RATE)
            # A margin on both sides: windows that only touch the period, too little to be called
            # fake, must not be in; those that cover enough of it must all be.
            first = max(0, period_first - _MARGIN)
            stop = min(track.rows, period_stop + _MARGIN)
            # A part that is shorter than a window cannot hold one.
            if stop - first >= SEGMENT_FRAMES:
                part = replace(
                    track,
                    start=track.start + first / FRAME_RATE,
                    row=track.row + first,
                    rows=stop - first,
                )
                near.append(part)
    return tuple(near) or video.tracks
