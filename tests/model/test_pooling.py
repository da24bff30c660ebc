"""Pooling over frames, against plain loops, and in the detector."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from avdf.model import Detector
from avdf.model.pooling import pool_logits
from tests.helpers.tiny_run import TINY_MODEL

VALUES = st.floats(-20, 20, allow_nan=False, width=32)


def margins_of(logits: Tensor) -> list[list[float]]:
    """Fake less real, of each frame of each segment."""
    return [[float(fake - real) for real, fake in frames] for frames in logits.double()]


def pooled_margins(logits: Tensor, pooling: Any) -> list[float]:
    pooled = pool_logits(logits.double(), pooling)
    return [float(fake - real) for real, fake in pooled]


def random_logits(frames: int) -> Tensor:
    generator = torch.Generator().manual_seed(frames)
    return 3 * torch.randn(4, frames, 2, generator=generator)


@pytest.mark.parametrize(("frames", "taken"), [(16, 4), (32, 8), (3, 1)])
def test_top_k_is_the_mean_of_the_largest_quarter(frames: int, taken: int) -> None:
    logits = random_logits(frames)
    wanted = []
    for margins in margins_of(logits):
        largest = sorted(margins, reverse=True)[:taken]
        wanted.append(sum(largest) / taken)
    assert pooled_margins(logits, "top-k") == pytest.approx(wanted)


def test_log_sum_exp_is_the_logarithm_of_a_mean() -> None:
    logits = random_logits(16)
    wanted = [
        math.log(sum(math.exp(margin) for margin in margins) / 16)
        for margins in margins_of(logits)
    ]
    assert pooled_margins(logits, "log-sum-exp") == pytest.approx(wanted)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=40))
def test_both_lie_between_the_mean_and_the_largest(
    frames: list[tuple[float, float]],
) -> None:
    logits = torch.tensor([frames])
    (margins,) = margins_of(logits)
    mean, largest = sum(margins) / len(margins), max(margins)
    (top,) = pooled_margins(logits, "top-k")
    (smooth,) = pooled_margins(logits, "log-sum-exp")
    for pooled in (top, smooth):
        assert mean - 1e-6 <= pooled <= largest + 1e-6


@pytest.mark.parametrize("pooling", ["top-k", "log-sum-exp"])
def test_frames_that_are_all_alike_keep_their_margin(pooling: Any) -> None:
    logits = torch.tensor([0.5, 2.0]).expand(1, 16, 2)
    assert pooled_margins(logits, pooling) == pytest.approx([1.5])


def test_the_mean_is_not_one_of_logits() -> None:
    with pytest.raises(ValueError, match="does not pool logits"):
        pool_logits(random_logits(16), "mean")


@pytest.mark.parametrize("pooling", ["top-k", "log-sum-exp"])
def test_a_short_forgery_counts_more_than_in_the_mean(pooling: Any) -> None:
    # Two frames of 16 are fake beyond doubt, the others are real.
    logits = torch.tensor([[[0.0, -3.0]] * 14 + [[0.0, 8.0]] * 2])
    (margins,) = margins_of(logits)
    mean = sum(margins) / len(margins)
    (pooled,) = pooled_margins(logits, pooling)
    assert mean < 0 < pooled


@pytest.mark.parametrize("pooling", ["top-k", "log-sum-exp"])
def test_the_detector_pools_what_its_heads_say_of_each_frame(pooling: Any) -> None:
    detector = Detector(replace(TINY_MODEL, pooling=pooling)).eval()
    generator = torch.Generator().manual_seed(3)
    frames = torch.randn(2, 16, 3, 224, 224, generator=generator)
    mel = torch.randn(2, 80, 64, generator=generator)
    with torch.inference_mode():
        output = detector(frames, mel)
        f_v, f_a = detector.visual(frames), detector.audio(mel)
        features = [output.visual_features, output.audio_features]
        per_frame = {
            "visual": torch.stack(
                [detector.visual_head(f_v[:, t]) for t in range(16)], 1
            ),
            "audio": torch.stack(
                [detector.audio_head(f_a[:, t]) for t in range(32)], 1
            ),
            "video": torch.stack(
                [
                    detector.video_head(torch.cat([one[:, t] for one in features], 1))
                    for t in range(16)
                ],
                1,
            ),
        }
    for name, logits in per_frame.items():
        found = getattr(output, f"{name}_logits")
        wanted = pool_logits(logits, pooling)
        torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)


def test_pooling_changes_no_starting_value() -> None:
    plain = Detector(TINY_MODEL).trainable_state()
    pooled = Detector(replace(TINY_MODEL, pooling="top-k")).trainable_state()
    assert plain.keys() == pooled.keys()
    assert all(torch.equal(plain[name], pooled[name]) for name in plain)
