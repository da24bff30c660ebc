"""How well the detector in training tells whether picture and sound belong together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from avdf.cache.core.errors import SegmentError
from avdf.cache.core.identities import identity_of
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.windows import Window, in_batches, scoring_windows
from avdf.model.inference.inputs import detector_input
from avdf.model.inference.outputs import aligns
from avdf.model.runs.config import RunConfig
from avdf.model.synchrony.aligned_run import AlignedRun, RunCollector
from avdf.model.synchrony.calibration import SyncCalibration, calibrate_sync
from avdf.model.synchrony.made_pairs import FEWEST_ROWS, Subject, sync_pairs
from avdf.model.training.batch_reader import BatchReader
from avdf.model.training.distributed import Ranks
from avdf.model.training.learner import Learner
from avdf.model.verdicts import sync_label_of

# Of each class: enough for an interval of a few hundredths, and little beside an epoch.
_MOST_VIDEOS = 64
_MOST_SEGMENTS = 6  # of a video: 3.84 s

# Number of the video, its aligned features (rows, D_f) of picture and of sound.
_Features = tuple[int, torch.Tensor, torch.Tensor]


class SyncValidator:
    """Compares picture and sound of validation videos, on all ranks together.

    The labels of synchrony are known for genuine videos, and for those that are labelled fake
    although neither their picture nor their sound is.
    """

    def __init__(
        self,
        videos: Sequence[VideoRef],
        config: RunConfig,
        learner: Learner,
        ranks: Ranks,
    ) -> None:
        self._videos = _chosen(videos)
        self._batch_size = config.data.batch_size
        self._learner, self._ranks = learner, ranks
        aligned = config.model.aligns and aligns(learner.trained)
        self._is_used = aligned and bool(self._videos)

    @torch.inference_mode()
    def calibrate(self, reader: BatchReader) -> SyncCalibration | None:
        """How to read `sync`; None where nothing is trained or there is nothing to compare."""
        if not self._is_used:
            return None
        own = [
            (run.video, run.visual.cpu(), run.audio.cpu()) for run in self._runs(reader)
        ]
        # Each rank gets the features of all: each then finds the same calibration.
        every = [one for share in self._ranks.collect(own) for one in share]
        return calibrate_sync(sync_pairs(self._subjects(every)))

    def _runs(self, reader: BatchReader) -> list[AlignedRun]:
        """The aligned features of this rank's videos."""
        detector, device = self._learner.detector, self._learner.device
        detector.eval()
        windows = [
            window
            for window in _windows(self._videos)
            if window.video % self._ranks.world == self._ranks.rank
        ]
        collector = RunCollector()
        runs: list[AlignedRun] = []
        batches = reader.read(in_batches(windows, self._batch_size), _leave_out)
        for batch in batches:
            output = detector(*detector_input(batch, device, detector.mel_bins))
            runs += collector.add(batch.windows, output, batch.pcm)
        return [*runs, *collector.end()]

    def _subjects(self, every: Sequence[_Features]) -> list[Subject]:
        """The longest run of each video, in the order of the videos."""
        longest: dict[int, AlignedRun] = {}
        for video, visual, audio in sorted(every, key=lambda one: one[0]):
            before = longest.get(video)
            if before is None or len(visual) > len(before.visual):
                longest[video] = AlignedRun(video, visual, audio)
        return [
            Subject(
                identity=identity_of(self._videos[video].info),
                label=sync_label_of(self._videos[video].info),
                run=run,
            )
            for video, run in longest.items()
        ]


def _chosen(videos: Sequence[VideoRef]) -> list[VideoRef]:
    """At most 64 videos of each class, spread evenly over the list, that are long enough."""
    chosen: list[VideoRef] = []
    for label in (REAL, FAKE):
        usable = [
            video
            for video in videos
            if sync_label_of(video.info) == label
            and video.has_picture
            and any(
                track.has_audio and track.rows >= FEWEST_ROWS for track in video.tracks
            )
        ]
        count = min(_MOST_VIDEOS, len(usable))
        evenly = np.linspace(0, len(usable) - 1, count).round().astype(int)
        chosen += [usable[which] for which in evenly.tolist()]
    return chosen


def _windows(videos: Sequence[VideoRef]) -> list[Window]:
    """The first segments of the longest track of each video."""
    found: list[Window] = []
    for number, video in enumerate(videos):
        # A track that is silent says nothing.
        lengths = [track.rows if track.has_audio else 0 for track in video.tracks]
        longest = lengths.index(max(lengths))
        windows = [
            window for window in scoring_windows([video]) if window.track == longest
        ]
        first = windows[:_MOST_SEGMENTS]
        found += [replace(window, video=number) for window in first]
    return found


def _leave_out(_window: Window, _attempt: int, _error: SegmentError) -> None:
    """A window that cannot be read takes no part; scoring its video would report it."""
