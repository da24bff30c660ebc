"""Uniformity and alignment on the hypersphere, against plain loops."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from avdf.cache.core.labels import ABSENT, FAKE, REAL, UNKNOWN
from avdf.model.hypersphere import alignment_loss, uniformity_loss
from avdf.model.losses import LossSettings, detector_losses
from avdf.model.output import DetectorOutput

LABELS = st.sampled_from([REAL, FAKE, UNKNOWN, ABSENT])


def random_features(count: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 6, generator=generator, dtype=torch.float64)


def squared_distance(one: Tensor, other: Tensor) -> float:
    """Of two vectors that are first scaled to length 1."""
    a = [float(value) / math.hypot(*one.tolist()) for value in one]
    b = [float(value) / math.hypot(*other.tolist()) for value in other]
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


def plain_uniformity(features: Tensor, labels: list[int]) -> float:
    kernels = [
        math.exp(-2 * squared_distance(features[i], features[j]))
        for i in range(len(labels))
        for j in range(len(labels))
        if i != j and labels[i] != ABSENT and labels[j] != ABSENT
    ]
    return math.log(sum(kernels) / len(kernels)) if kernels else 0.0


def plain_alignment(features: Tensor, labels: list[int]) -> float:
    distances = [
        squared_distance(features[i], features[j])
        for i in range(len(labels))
        for j in range(len(labels))
        if i != j and labels[i] == labels[j] and labels[i] in (REAL, FAKE)
    ]
    return sum(distances) / len(distances) if distances else 0.0


@given(st.lists(LABELS, min_size=1, max_size=8), st.integers(0, 1000))
def test_both_losses_are_the_plain_loops(labels: list[int], seed: int) -> None:
    features = random_features(len(labels), seed)
    known = torch.tensor(labels)
    uniformity = float(uniformity_loss(features, known))
    alignment = float(alignment_loss(features, known))
    assert uniformity == pytest.approx(plain_uniformity(features, labels), abs=1e-9)
    assert alignment == pytest.approx(plain_alignment(features, labels), abs=1e-9)


def test_the_length_of_features_plays_no_part() -> None:
    features, labels = random_features(5), torch.tensor([0, 1, 0, 1, 1])
    longer = features * torch.tensor([1.0, 3.0, 0.1, 7.0, 2.0])[:, None]
    for loss in (uniformity_loss, alignment_loss):
        assert float(loss(longer, labels)) == pytest.approx(
            float(loss(features, labels))
        )


def test_features_that_are_all_alike_are_aligned_and_least_uniform() -> None:
    features, labels = torch.ones(4, 6), torch.tensor([0, 0, 1, 1])
    assert float(alignment_loss(features, labels)) == pytest.approx(0, abs=1e-6)
    # log exp(0), the largest value that there is.
    assert float(uniformity_loss(features, labels)) == pytest.approx(0, abs=1e-6)


def test_without_a_pair_gradients_are_finite() -> None:
    features = random_features(2).requires_grad_()
    labels = torch.tensor([ABSENT, REAL])
    loss = uniformity_loss(features, labels) + alignment_loss(features, labels)
    loss.backward()  # type: ignore[no-untyped-call]
    assert features.grad is not None
    assert torch.equal(features.grad, torch.zeros_like(features))


def output_of(visual: Tensor, audio: Tensor) -> DetectorOutput:
    """An output with these means; all logits and aligned features are 0."""
    logits = torch.zeros(len(visual), 2, dtype=torch.float64)
    aligned = torch.ones(len(visual), 16, 4, dtype=torch.float64)
    return DetectorOutput(
        logits, logits, logits, aligned, aligned, visual_mean=visual, audio_mean=audio
    )


VIDEO, VISUAL, AUDIO = [1, 1, 0, 1], [1, 0, 0, -1], [0, 1, 0, -2]
LABELS_OF_BATCH = torch.tensor([VIDEO, VISUAL, AUDIO]).T


def test_the_total_has_each_with_its_weight_and_its_own_labels() -> None:
    visual, audio = random_features(4, 1), random_features(4, 2)
    output = output_of(visual, audio)
    without = detector_losses(output, LABELS_OF_BATCH, LossSettings())
    settings = LossSettings(uniformity=0.5, alignment=0.1)
    losses = detector_losses(output, LABELS_OF_BATCH, settings)
    uniformity = plain_uniformity(visual, VISUAL) + plain_uniformity(audio, AUDIO)
    alignment = plain_alignment(visual, VISUAL) + plain_alignment(audio, AUDIO)
    assert losses.uniformity is not None and losses.alignment is not None
    assert float(losses.uniformity) == pytest.approx(uniformity)
    assert float(losses.alignment) == pytest.approx(alignment)
    added = float(losses.total - without.total)
    assert added == pytest.approx(0.5 * uniformity + 0.1 * alignment)


def test_a_branch_that_is_not_trained_takes_no_part() -> None:
    visual, audio = random_features(4, 1), random_features(4, 2)
    settings = LossSettings(uniformity=1.0, alignment=1.0, audio=False)
    losses = detector_losses(output_of(visual, audio), LABELS_OF_BATCH, settings)
    assert losses.uniformity is not None and losses.alignment is not None
    assert float(losses.uniformity) == pytest.approx(plain_uniformity(visual, VISUAL))
    assert float(losses.alignment) == pytest.approx(plain_alignment(visual, VISUAL))


def test_with_both_weights_0_neither_is_computed() -> None:
    output = output_of(random_features(4), random_features(4))
    losses = detector_losses(output, LABELS_OF_BATCH, LossSettings())
    assert losses.uniformity is None and losses.alignment is None
    one = replace(LossSettings(), alignment=1.0)
    assert detector_losses(output, LABELS_OF_BATCH, one).uniformity is None
