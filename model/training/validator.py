"""Scoring the validation videos after an epoch."""

from collections.abc import Sequence

import torch

from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.batch_memory import largest_batch
from avdf.cache.stream.windows import Window, in_batches
from avdf.model.inference.feature_spread import FeatureSpread, join_spreads
from avdf.model.inference.outputs import score_segments
from avdf.model.inference.segments import SegmentScores, join_segments
from avdf.model.inference.validation import Validation
from avdf.model.output import DetectorOutput
from avdf.model.runs.config import RunConfig
from avdf.model.training.batch_reader import BatchReader
from avdf.model.training.changed_window import CannotForgeError
from avdf.model.training.distributed import Ranks
from avdf.model.training.learner import Learner
from avdf.model.training.training_set import TrainingSet
from avdf.model.training.unreadable_windows import UnreadableWindows
from avdf.model.training.validation_videos import validation_videos

_GPU_BATCH = 64  # segments


class Validator:
    """Scores the validation videos with the detector in training, on all ranks together."""

    def __init__(
        self,
        data: TrainingSet,
        config: RunConfig,
        learner: Learner,
        ranks: Ranks,
        unreadable: UnreadableWindows,
    ) -> None:
        self._config, self._learner = config, learner
        self._ranks, self._unreadable = ranks, unreadable
        chosen = validation_videos(
            data, config.data.validation_segments, config.training.seed
        )
        self._videos, self._windows = chosen.videos, chosen.windows
        self.notes = chosen.notes
        # Of the last validation: the share of variance that is within segments.
        self.within_segments: dict[str, float | None] = {}

    def validate(self, reader: BatchReader, epoch: int, step: int) -> Validation:
        """Segment scores and labels of the validation videos.

        Args:
            epoch, step: when this is, for the list of windows that cannot be read.
        """

        def leave_out(window: Window, _attempt: int, error: SegmentError) -> None:
            # Nothing is damaged where only the forgery of a window is impossible.
            if isinstance(error, CannotForgeError):
                return
            self._unreadable.add(epoch, step, self._videos[window.video], error)

        learner = self._learner
        batches = reader.read(self._own_batches(), leave_out)
        spreads: list[tuple[FeatureSpread, FeatureSpread]] = []

        def note_spread(output: DetectorOutput) -> None:
            # A single branch, or a probe, aligns nothing: its aligned features are NaN.
            if not self._config.model.aligns:
                return
            visual = FeatureSpread.of(output.visual_features)
            spreads.append((visual, FeatureSpread.of(output.audio_features)))

        own = score_segments(
            learner.detector,
            batches,
            learner.device,
            trained=learner.trained,
            on_output=note_spread,
            # Its windows are spread over the videos; `SyncValidator` reads unbroken runs instead.
            with_curves=False,
        )
        self._unreadable.write()
        self.within_segments = self._shares(spreads)
        # Each rank gets the scores of all: each then finds the same thresholds and the same best
        # epoch.
        scores = join_segments(self._ranks.collect(own))
        infos = [video.info for video in self._videos]
        return Validation.of_videos(self._without_missing(scores), infos)

    def _shares(
        self, own: Sequence[tuple[FeatureSpread, FeatureSpread]]
    ) -> dict[str, float | None]:
        """Of the aligned features of all ranks: variance within segments by all variance."""
        every = [pair for share in self._ranks.collect(list(own)) for pair in share]
        visual = join_spreads(pair[0] for pair in every)
        audio = join_spreads(pair[1] for pair in every)
        return {
            "within_visual": visual.share if visual else None,
            "within_audio": audio.share if audio else None,
        }

    def _own_batches(self) -> list[list[Window]]:
        """The batches of this rank: every nth one of n ranks."""
        data = self._config.data
        size = validation_batch(data.batch_size, data.ahead, self._learner.device)
        batches = in_batches(self._windows, size)
        return [list(batch) for batch in batches[self._ranks.rank :: self._ranks.world]]

    def _without_missing(self, scores: SegmentScores) -> SegmentScores:
        """Without scores of what a video does not have, as in scoring."""
        videos = list(enumerate(self._videos))
        if self._config.model.has_audio:
            silent = [number for number, video in videos if not video.has_audio]
            scores = scores.without_audio(silent)
        if self._config.model.has_visual:
            unseen = [number for number, video in videos if not video.has_picture]
            scores = scores.without_picture(unseen)
        return scores


def validation_batch(batch_size: int, ahead: int, device: torch.device) -> int:
    """Segments of one batch of the validation.

    Without gradients a GPU has room for more than in training, and small batches leave it idle. A
    CPU is busy with any batch.
    """
    if device.type != "cuda":
        return batch_size
    return min(max(batch_size, _GPU_BATCH), largest_batch(ahead))
