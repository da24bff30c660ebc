"""Whole tracks: how their frames are cut into batches, and that batches change no score."""

import numpy as np
import pytest
import torch

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.stream.clips import TrackClip
from avdf.model.config import AlignFrom, DetectorConfig
from avdf.model.detector import Detector
from avdf.model.inference import tracks
from avdf.model.inference.tracks import batch_spans, score_clips


@pytest.mark.parametrize(
    ("rows", "lengths"),
    [
        (1, [1]),
        (16, [16]),
        (64, [64]),
        (65, [65]),
        (79, [79]),
        (80, [64, 16]),
        (130, [64, 66]),
        (256, [64, 64, 64, 64]),
        (261, [64, 64, 64, 64, 5]),
    ],
)
def test_batches_of_frames_are_not_too_small(rows: int, lengths: list[int]) -> None:
    spans = list(batch_spans(rows))
    assert [stop - start for start, stop in spans] == lengths
    assert spans[0][0] == 0
    assert spans[-1][1] == rows


def test_no_frames_are_no_batches() -> None:
    assert not list(batch_spans(0))


@pytest.mark.parametrize("align_from", ["prompt", "mouth"])
def test_the_length_of_batches_changes_no_score(
    monkeypatch: pytest.MonkeyPatch, align_from: AlignFrom
) -> None:
    generator = np.random.default_rng(0)
    rows = 90
    frames = generator.integers(0, 256, (rows, 224, 224, 3), np.uint8)
    pcm = generator.integers(-3000, 3000, rows * SAMPLES_PER_FRAME, np.int16)
    clip = TrackClip(0, 0.0, frames, pcm)
    model = DetectorConfig(
        clip="demo",
        clip_weights="demo",
        whisper="demo",
        whisper_weights="demo",
        align_from=align_from,
    )
    detector = Detector(model).hold_frozen(torch.float32)

    def scores() -> np.ndarray:
        (found,) = score_clips(detector, [clip], torch.device("cpu"), stride=4)
        return found.windows.fake.video

    in_parts = scores()
    monkeypatch.setattr(tracks, "_FRAMES_AT_ONCE", 256)
    np.testing.assert_allclose(in_parts, scores(), rtol=0, atol=1e-6)
