"""Scores of segments, and of videos from their segments."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.stream import SegmentBatch
from avdf.cache.video import FAKE
from avdf.model.compute import detector_input
from avdf.model.detector import Detector, DetectorOutput

VERDICTS = ("visual", "audio", "video")


@dataclass(frozen=True)
class SegmentScores:
    """Of n segments, in the order in which they came.

    video     (n,) whose segment it is: the caller's number
    fake      (n, 3) P(fake) of picture, sound, video; NaN where the detector was not taught that verdict
    distance  (n,) mean cosine distance of the 16 matched frames of f'_v and f'_a
    """

    video: npt.NDArray[np.int64]
    fake: npt.NDArray[np.float64]
    distance: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.fake.shape != (len(self.video), len(VERDICTS)) or self.distance.shape != self.video.shape:
            raise ValueError(f"{len(self.video)} segments with scores {self.fake.shape} and {self.distance.shape}")


@torch.inference_mode()
def score_segments(
    detector: Detector,
    batches: Iterable[SegmentBatch],
    device: torch.device,
    on_batch: Callable[[int], None] = lambda _: None,
    verdicts: Sequence[str] = VERDICTS,
) -> SegmentScores:
    """Run the detector over batches. `on_batch` is told how many segments are done; `verdicts` are those it knows."""
    detector.eval()
    untaught = [which for which, name in enumerate(VERDICTS) if name not in verdicts]
    videos: list[int] = []
    fakes, distances = [np.empty((0, len(VERDICTS)))], [np.empty(0)]
    for batch in batches:
        output = detector(*detector_input(batch, device, detector.mel_bins))
        fakes.append(_probabilities(output))
        fakes[-1][:, untaught] = np.nan
        distances.append(matched_distance(output).mean(dim=1).double().cpu().numpy())
        videos += [window.video for window in batch.windows]
        on_batch(len(videos))
    return SegmentScores(np.array(videos, np.int64), np.concatenate(fakes), np.concatenate(distances))


def _probabilities(output: DetectorOutput) -> npt.NDArray[np.float64]:
    logits = (output.visual_logits, output.audio_logits, output.video_logits)
    stacked = torch.stack([logit.double().softmax(dim=1)[:, FAKE] for logit in logits], dim=1)
    return np.array(stacked.cpu().numpy())


def matched_distance(output: DetectorOutput) -> torch.Tensor:
    """(B, T) cosine distance of f'_v and f'_a of the same frame (Fig. 3)."""
    return 1.0 - torch.nn.functional.cosine_similarity(output.visual_features, output.audio_features, dim=2)


def join_segments(parts: Sequence[SegmentScores]) -> SegmentScores:
    """The scores of several processes as one."""
    return SegmentScores(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in SegmentScores.__dataclass_fields__)
    )


def video_distances(segments: SegmentScores, videos: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """(videos,) mean distance over each video's segments, NaN where it has none; (videos,) their number."""
    counts = np.bincount(segments.video, minlength=videos)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.bincount(segments.video, segments.distance, videos) / counts, counts
