"""From batches through the detector to scores of segments."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from avdf.cache.core.labels import FAKE
from avdf.cache.stream.batches import SegmentBatch
from avdf.model.detector import Detector
from avdf.model.inference.inputs import detector_input
from avdf.model.inference.segments import SegmentScores, join_segments
from avdf.model.output import DetectorOutput
from avdf.model.synchrony.aligned_run import AlignedRun, RunCollector
from avdf.model.synchrony.offset_curves import OffsetCurves, join_curves, offset_curves
from avdf.model.verdicts import VERDICTS, PerVerdict, from_columns


@torch.inference_mode()
def score_segments(
    detector: Detector,
    batches: Iterable[SegmentBatch],
    device: torch.device,
    on_batch: Callable[[int], None] = lambda _: None,
    trained: Sequence[str] = VERDICTS,
    on_output: Callable[[DetectorOutput], None] = lambda _: None,
    with_curves: bool = True,
) -> SegmentScores:
    """Run the detector over batches.

    The curve of a segment is of all the audio around it: of the windows before and after it in the
    same track, which therefore come in their order.

    Args:
        on_batch: called after each batch with the number of segments scored so far.
        trained: the verdicts and losses that the detector was trained for.
        on_output: called with what the detector says of each batch.
        with_curves: whether frames are compared with moved audio, too; no curve is known otherwise.
    """
    detector.eval()
    parts: list[SegmentScores] = []
    runs = RunCollector()
    curves: list[OffsetCurves] = []
    # Where nothing trained the aligned features, no curve would say anything.
    compares = with_curves and aligns(trained)
    done = 0
    for batch in batches:
        output = detector(*detector_input(batch, device, detector.mel_bins))
        videos = [window.video for window in batch.windows]
        parts.append(scores_of_output(videos, output, trained))
        if compares:
            curves += map(run_curves, runs.add(batch.windows, output, batch.pcm))
        on_output(output)
        done += len(videos)
        on_batch(done)
    scores = join_segments(parts)
    if not compares:
        return scores
    curves += map(run_curves, runs.end())
    return replace(scores, curves=join_curves(curves))


def run_curves(run: AlignedRun) -> OffsetCurves:
    """The curves of the windows of a run."""
    return offset_curves(run.visual, run.audio)


def known_curves(curves: OffsetCurves, trained: Sequence[str]) -> OffsetCurves:
    """The curves, unknown where nothing has trained the aligned features."""
    if aligns(trained):
        return curves
    return OffsetCurves.unknown(len(curves.sums))


def aligns(trained: Sequence[str]) -> bool:
    """Whether the aligned features were trained: only the video verdict and matching do so."""
    return "video" in trained or "matching" in trained


def scores_of_output(
    videos: Sequence[int],
    output: DetectorOutput,
    trained: Sequence[str] = VERDICTS,
) -> SegmentScores:
    """What the detector's output says of segments that belong to `videos` (B,).

    What the detector was not trained for is NaN. The distance compares the aligned features, which
    only the video verdict and the matching loss train.
    """
    logits = PerVerdict(output.visual_logits, output.audio_logits, output.video_logits)
    probabilities = logits.map(_probability_of_fake)
    # One copy from the device for all three verdicts.
    columns = torch.stack(tuple(probabilities), dim=1)
    fake = from_columns(_to_numpy(columns))
    distances = _to_numpy(matched_distance(output).double())

    untrained = np.full(len(videos), np.nan)
    known = PerVerdict.of(
        lambda verdict: fake[verdict] if verdict in trained else untrained
    )
    if not aligns(trained):
        distances[:] = np.nan
    owners = np.array(videos, np.int64)
    return SegmentScores(owners, known, distances)


def _probability_of_fake(logits: Tensor) -> Tensor:
    """logits (B, 2) -> P(fake) (B,)."""
    return logits.double().softmax(dim=1)[:, FAKE]


def matched_distance(output: DetectorOutput) -> Tensor:
    """(B, T) cosine distance of f'_v and f'_a at the same frame (Fig. 3)."""
    similarity = torch.nn.functional.cosine_similarity(
        output.visual_features, output.audio_features, dim=2
    )
    return 1.0 - similarity


def _to_numpy(values: Tensor) -> npt.NDArray[np.float64]:
    """A copy in memory of our own, which may be written to."""
    return np.array(values.cpu().numpy())
