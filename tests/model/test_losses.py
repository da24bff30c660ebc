"""The losses against plain loops over the paper's equations."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from avdf.model.losses import LossSettings, detector_losses, masked_cross_entropy
from avdf.model.matching import cmfm_loss, pair_distances
from avdf.model.output import DetectorOutput


def plain_cmfm(
    visual: Tensor, audio: Tensor, labels: list[int], alpha: float, beta: float, gamma: float
) -> float:
    """Eq. 14 and 15, letter by letter."""
    batch, time, _ = visual.shape
    positive, negative = [], []
    for m, p, n, q in itertools.product(range(batch), range(time), range(batch), range(time)):
        v, a = visual[m, p].double(), audio[n, q].double()
        distance = 1 - float(v @ a / (v.norm() * a.norm()))
        if m == n and labels[m] == 0 and p == q:
            value = alpha * distance
        elif m == n and labels[m] == 1:
            value = -beta * distance
        elif m != n:
            value = -gamma * distance
        else:
            value = 0.0
        if value > 0:
            positive.append(value)
        elif value < 0:
            negative.append(value)
    mean_positive = sum(positive) / len(positive) if positive else 0.0
    mean_negative = sum(negative) / len(negative) if negative else 0.0
    return max(mean_positive + mean_negative, 0.0)


@given(
    labels=st.lists(st.sampled_from([0, 1, -1]), min_size=1, max_size=4),
    time=st.integers(1, 4),
    seed=st.integers(0, 2**31),
    weights=st.tuples(*[st.floats(0.1, 3)] * 3),
)
@settings(max_examples=60, deadline=None)
def test_matching_loss_is_the_four_fold_sum(
    labels: list[int], time: int, seed: int, weights: tuple[float, float, float]
) -> None:
    generator = torch.Generator().manual_seed(seed)
    visual, audio = (torch.randn(len(labels), time, 5, generator=generator) for _ in range(2))
    ours = cmfm_loss(visual, audio, torch.tensor(labels), *weights)
    assert float(ours) == pytest.approx(plain_cmfm(visual, audio, labels, *weights), abs=1e-5)


def test_matching_loss_takes_the_papers_weights() -> None:
    visual, audio = torch.randn(3, 4, 6), torch.randn(3, 4, 6)
    labels = [0, 1, 0]
    assert float(cmfm_loss(visual, audio, torch.tensor(labels))) == pytest.approx(
        plain_cmfm(visual, audio, labels, 2, 2, 1), abs=1e-5
    )


def test_without_a_real_segment_the_loss_is_zero() -> None:
    visual = torch.randn(4, 3, 6, requires_grad=True)
    loss = cmfm_loss(visual, torch.randn(4, 3, 6), torch.ones(4, dtype=torch.int64))
    assert float(loss.detach()) == 0.0
    loss.backward()  # type: ignore[no-untyped-call]
    assert visual.grad is not None and not visual.grad.any()


def test_identical_features_do_not_divide_by_zero() -> None:
    same = torch.ones(2, 3, 4, requires_grad=True)
    loss = cmfm_loss(same, same.detach(), torch.tensor([0, 1]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == 0.0 and same.grad is not None and torch.isfinite(same.grad).all()


def test_per_term_weighs_fakes_like_strangers() -> None:
    visual, audio, labels = torch.randn(3, 2, 4), torch.randn(3, 2, 4), torch.tensor([0, 1, 0])
    pairs = pair_distances(visual, audio, labels)
    wanted = (
        2 * pairs.mean(pairs.matched) - 2 * pairs.mean(pairs.fake) - pairs.mean(pairs.mismatched)
    )
    found = cmfm_loss(visual, audio, labels, normalisation="per_term")
    assert float(found) == pytest.approx(max(0.0, float(wanted)), abs=1e-6)


def test_unknown_labels_are_left_out_of_cross_entropy() -> None:
    logits, labels = torch.randn(5, 2), torch.tensor([0, 1, -1, 1, -1])
    wanted = torch.nn.functional.cross_entropy(logits[[0, 1, 3]], labels[[0, 1, 3]])
    torch.testing.assert_close(masked_cross_entropy(logits, labels), wanted)
    assert float(masked_cross_entropy(logits, torch.full((5,), -1))) == 0.0


def _output(batch: int = 4) -> DetectorOutput:
    return DetectorOutput(
        *(torch.randn(batch, 2) for _ in range(3)), *(torch.randn(batch, 16, 8) for _ in range(2))
    )


def test_total_is_the_sum_of_equation_16() -> None:
    labels = torch.tensor([[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0]])
    losses = detector_losses(_output(), labels, LossSettings())
    torch.testing.assert_close(
        losses.total, losses.visual + losses.audio + losses.video + losses.matching
    )
    assert 0 < float(losses.matched_distance) < 2 and 0 < float(losses.mismatched_distance) < 2


@pytest.mark.parametrize("name", ["visual", "audio", "matching"])
def test_a_loss_that_is_switched_off_adds_nothing(name: str) -> None:
    labels = torch.tensor([[0, 0, 0], [1, 1, 1], [1, 0, 1], [0, 0, 0]])
    losses = detector_losses(_output(), labels, LossSettings(**{name: False}))  # type: ignore[arg-type]
    others = {"visual", "audio", "video", "matching"} - {name}
    torch.testing.assert_close(
        losses.total, sum((getattr(losses, other) for other in others), torch.zeros(()))
    )


def test_segment_level_matches_means_over_time() -> None:
    output, labels = _output(), torch.tensor([[0, 0, 0], [1, 1, 1], [1, 0, 1], [0, 0, 0]])
    losses = detector_losses(output, labels, LossSettings(level="segment"))
    means = (
        output.visual_features.mean(1, keepdim=True),
        output.audio_features.mean(1, keepdim=True),
    )
    torch.testing.assert_close(losses.matching, cmfm_loss(*means, labels[:, 0]))


def test_distances_of_a_batch_without_real_segments_are_nan() -> None:
    pairs = pair_distances(torch.randn(2, 2, 3), torch.randn(2, 2, 3), torch.tensor([1, 1]))
    assert math.isnan(float(pairs.mean(pairs.matched)))
