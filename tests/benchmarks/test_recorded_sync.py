"""The measures and models of the benchmark, against plain loops and against avdf's own path."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_SAMPLES
from avdf.cache.core.log_mel import log_mel
from avdf.model.backbones.pixels import normalise_pixels
from avdf.model.config import AlignFrom, DetectorConfig
from avdf.model.detector import Detector
from avdf.model.inference.precision import choose_precision
from tests.benchmarks.recorded_models import (
    COMPONENTS,
    KnownDetector,
    Picture,
    compute_known,
    principal_components,
)
from tests.benchmarks.recorded_pairs import Clip
from tests.benchmarks.recorded_sync import frame_sync
from tests.benchmarks.recorded_table import Row, figures, read_tested, table_text
from tests.benchmarks.recorded_training import variant_inputs
from tests.benchmarks.recorded_variants import Variant

ROWS = 20


def demo_config(prompts: int, align_from: AlignFrom = "prompt") -> DetectorConfig:
    return DetectorConfig(
        clip="demo",
        clip_weights="demo",
        whisper="demo",
        whisper_weights="demo",
        visual_prompts=prompts,
        align_from=align_from,
    )


@pytest.fixture(scope="module")
def clip() -> Clip:
    generator = np.random.default_rng(0)
    crops = generator.integers(0, 256, (ROWS, 224, 224, 3), np.uint8)
    pcm = generator.integers(-9000, 9000, ROWS * SAMPLES_PER_FRAME, np.int16)
    return Clip("x", "a", crops, pcm)


@pytest.mark.parametrize(
    ("prompts", "align_from", "picture"),
    [
        (0, "prompt", "class_frozen"),
        (0, "mouth", "mouth_frozen"),
        (1, "class", "prompted"),
        (1, "mouth", "prompted"),
    ],
)
def test_what_is_known_beforehand_gives_the_features_of_the_detector(
    clip: Clip, prompts: int, align_from: AlignFrom, picture: Picture
) -> None:
    row = 3
    config = demo_config(prompts, align_from)
    detector = Detector(config).eval()
    detector.hold_frozen(choose_precision("auto", torch.device("cpu")))
    samples = clip.pcm[row * SAMPLES_PER_FRAME :][:SEGMENT_SAMPLES]
    mel = log_mel(torch.from_numpy(samples[None].copy()))
    pixels = torch.from_numpy(clip.crops[row : row + 16][None])
    known = compute_known([clip], demo_config(0, "mouth"))
    variant = Variant(picture, "prompted", "infonce", align_from=align_from)
    frames = variant_inputs(variant, known, []).frames[0]
    with torch.no_grad():
        wanted = detector(normalise_pixels(pixels), mel)
        own = KnownDetector(config, picture, "prompted").eval()
        found = own(frames[row : row + 16][None], known.log_mel[0][row][None])
    # bfloat16, in batches of other sizes.
    close = partial(torch.testing.assert_close, rtol=0.05, atol=0.02)
    close(found.visual_features, wanted.visual_features)
    close(found.audio_features, wanted.audio_features)


def test_axes_of_mouth_pixels_come_from_training_clips_alone() -> None:
    generator = np.random.default_rng(0)
    mouths = [generator.normal(size=(80, 100)) for _ in range(3)]
    found = principal_components(mouths, [0, 1])
    changed = principal_components([*mouths[:2], mouths[2] * 5], [0, 1])
    torch.testing.assert_close(found[0], changed[0])
    seen = torch.cat(found[:2])
    assert seen.shape == (160, COMPONENTS)
    torch.testing.assert_close(seen.var(dim=0, correction=0), torch.ones(COMPONENTS))


def test_frame_sync_is_the_mean_of_own_distance_less_the_median_nearby() -> None:
    generator = np.random.default_rng(0)
    visual, audio = generator.normal(size=(2, 30, 4))

    def distance(row: int, other: int) -> float:
        one, two = visual[row], audio[other]
        norms = np.linalg.norm(one) * np.linalg.norm(two)
        return float(1 - one @ two / norms)

    wanted = []
    for row in range(30):
        near = [distance(row, other) for other in range(30) if abs(other - row) <= 8]
        wanted.append(distance(row, row) - np.median(near))
    found = frame_sync(torch.from_numpy(visual), torch.from_numpy(audio))
    assert found == pytest.approx(np.mean(wanted))


def test_table_of_tested_pairs(tmp_path: Path) -> None:
    rows: list[Row] = []
    for speaker in "ab":
        own: Row = {
            "speaker": speaker,
            "distance": 0.5,
            "sync_wide": -0.1,
            "sync_frames": 0,
        }
        rows.append({**own, "kind": "genuine", "shift": 0, "sync": 0.1, "offset_ms": 0})
        for kind in ("own_other", "other_speaker"):
            other = {"kind": kind, "shift": 0, "sync": 0.0, "offset_ms": 40}
            rows.append({**own, **other})
        for shift in (-5, 5, 10, 20):
            # Late sound is found one frame too early, early sound two frames too late.
            best = 40 * shift + (80 if shift < 0 else -40)
            rows.append(
                {
                    **own,
                    "kind": "shifted",
                    "shift": shift,
                    "sync": shift,
                    "offset_ms": best,
                }
            )
    (tmp_path / "tested").mkdir()
    for fold in (0, 1):
        part = [row for row in rows if row["speaker"] == "ab"[fold]]
        file = tmp_path / "tested" / f"x-seed0-fold{fold}.json"
        file.write_text(json.dumps({"pairs": part}))
    found = figures(read_tested(tmp_path, "x", folds=2))
    # A seed without all of its folds is left out.
    half = tmp_path / "tested" / "x-seed1-fold0.json"
    half.write_text(json.dumps({"pairs": []}))
    assert len(read_tested(tmp_path, "x", folds=2)) == 1
    areas = {column: area["mean"] for column, area in found["auc"]["sync"].items()}
    assert areas == {
        "another speaker's sound": 0.0,
        "own other sound": 0.0,
        "0.2 s": 0.5,
        "0.4 s": 1.0,
        "0.8 s": 1.0,
    }
    assert found["auc"]["distance"]["0.2 s"]["mean"] == 0.5
    assert (found["genuine_in_time"], found["shift_found"]) == (1.0, 0.75)
    assert "| x | 1 | 100 % | 75 % |" in table_text({"x": found})
