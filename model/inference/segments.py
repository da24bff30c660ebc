"""Scores of segments, and of videos from their segments."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.labels import FAKE
from avdf.cache.stream.batches import SegmentBatch
from avdf.model.detector import Detector, DetectorOutput
from avdf.model.inference.inputs import detector_input

VERDICTS = ("visual", "audio", "video")
LABEL_OF = {
    "video": "label",
    "visual": "label_visual",
    "audio": "label_audio",
}  # what a verdict is judged by


@dataclass(frozen=True)
class SegmentScores:
    """Of n segments, in the order in which they came.

    video      (n,) whose segment it is: the caller's number
    fake       (n, 3) P(fake) of picture, sound, video; NaN where the detector was not trained for it
    distances  (n, 16) cosine distance of f'_v and f'_a of each frame
    """

    video: npt.NDArray[np.int64]
    fake: npt.NDArray[np.float64]
    distances: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        size = len(self.video)
        if self.fake.shape != (size, len(VERDICTS)) or self.distances.shape != (
            size,
            SEGMENT_FRAMES,
        ):
            raise ValueError(
                f"{size} segments with scores {self.fake.shape} and distances {self.distances.shape}"
            )

    def without_sound(self, silent: Sequence[int]) -> "SegmentScores":
        """The same with only the picture judged in the videos of these numbers, which have no sound."""
        if not len(silent):
            return self
        mute = np.isin(self.video, silent)
        fake, distances = self.fake.copy(), self.distances.copy()
        for which, name in enumerate(VERDICTS):
            if name != "visual":
                fake[mute, which] = np.nan
        distances[mute] = np.nan  # of picture and sound, of which one is missing
        return replace(self, fake=fake, distances=distances)

    @property
    def distance(self) -> npt.NDArray[np.float64]:
        """(n,) mean over the 16 frames."""
        return np.asarray(self.distances.mean(axis=1))

    def chosen(self, mask: npt.NDArray[np.bool_]) -> "SegmentScores":
        """The segments under a mask (n,)."""
        return SegmentScores(self.video[mask], self.fake[mask], self.distances[mask])

    def spread(self, mask: npt.NDArray[np.bool_], videos: Sequence[int]) -> "SegmentScores":
        """These segments at the places where a mask (m,) is true, of `videos` (m,); NaN at the others."""
        if mask.all():
            return self
        fake = np.full((len(mask), len(VERDICTS)), np.nan)
        distances = np.full((len(mask), SEGMENT_FRAMES), np.nan)
        fake[mask], distances[mask] = self.fake, self.distances
        return SegmentScores(np.array(videos, np.int64), fake, distances)


def finite_rows(segments: SegmentScores, trained: Sequence[str]) -> npt.NDArray[np.bool_]:
    """(n,) whether a segment has a finite score of each verdict that the detector was trained for."""
    columns = [which for which, name in enumerate(VERDICTS) if name in trained]
    return np.asarray(np.isfinite(segments.fake[:, columns]).all(axis=1))


@torch.inference_mode()
def score_segments(
    detector: Detector,
    batches: Iterable[SegmentBatch],
    device: torch.device,
    on_batch: Callable[[int], None] = lambda _: None,
    trained: Sequence[str] = VERDICTS,
) -> SegmentScores:
    """Run the detector over batches. `on_batch` is told how many segments are done; `trained`: what it learned."""
    detector.eval()
    parts = [segment_scores([])]
    done = 0
    for batch in batches:
        output = detector(*detector_input(batch, device, detector.mel_bins))
        parts.append(segment_scores([window.video for window in batch.windows], output, trained))
        done += len(batch.windows)
        on_batch(done)
    return join_segments(parts)


def segment_scores(
    videos: Sequence[int], output: DetectorOutput | None = None, trained: Sequence[str] = VERDICTS
) -> SegmentScores:
    """What a detector says of segments that belong to `videos`; what it was not trained for is NaN.

    The distance comes from the aligned features, which the video verdict and the matching loss train.
    """
    if output is None:
        return SegmentScores(
            np.empty(0, np.int64), np.empty((0, len(VERDICTS))), np.empty((0, SEGMENT_FRAMES))
        )
    logits = (output.visual_logits, output.audio_logits, output.video_logits)
    fake = np.array(
        torch.stack([logit.double().softmax(dim=1)[:, FAKE] for logit in logits], dim=1)
        .cpu()
        .numpy()
    )
    fake[:, [which for which, name in enumerate(VERDICTS) if name not in trained]] = np.nan
    distances = np.array(matched_distance(output).double().cpu().numpy())
    if not {"video", "matching"} & set(trained):
        distances[:] = np.nan
    return SegmentScores(np.array(videos, np.int64), fake, distances)


def or_none(value: float) -> float | None:
    """None for NaN: what was not scored."""
    return None if math.isnan(value) else value


def matched_distance(output: DetectorOutput) -> torch.Tensor:
    """(B, T) cosine distance of f'_v and f'_a of the same frame (Fig. 3)."""
    return 1.0 - torch.nn.functional.cosine_similarity(
        output.visual_features, output.audio_features, dim=2
    )


def join_segments(parts: Sequence[SegmentScores]) -> SegmentScores:
    """The scores of several processes as one."""
    return SegmentScores(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in SegmentScores.__dataclass_fields__
        )
    )


def video_distances(
    segments: SegmentScores, videos: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """(videos,) mean distance over each video's segments, NaN where it has none; (videos,) their number."""
    counts = np.bincount(segments.video, minlength=videos)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.bincount(segments.video, segments.distance, videos) / counts, counts
