"""InfoNCE and the margin form against plain loops, and what each of them cannot be fooled by."""

import math

import pytest
import torch
from torch import Tensor

from avdf.model.bench.host_syncs import count_host_syncs
from avdf.model.contrast import MARGIN, info_nce, margin_loss

LABELS = [0, 1, 0, -1]  # real, fake, real, unknown
TEMPERATURE = 0.1


@pytest.fixture
def features() -> tuple[Tensor, Tensor]:
    """f'_v and f'_a of four segments of three frames."""
    generator = torch.Generator().manual_seed(1)
    visual = torch.randn(4, 3, 5, generator=generator)
    return visual, torch.randn(4, 3, 5, generator=generator)


def real_frames(values: Tensor, labels: list[int]) -> list[Tensor]:
    """The frames of the real segments, one after another, in double precision."""
    found = []
    for segment, label in zip(values, labels, strict=True):
        if label == 0:
            found += list(segment.double())
    return found


def cosine(a: Tensor, b: Tensor) -> float:
    return float(a @ b / (a.norm() * b.norm()))


def plain_info_nce(visual: Tensor, audio: Tensor, labels: list[int]) -> float:
    """Cross-entropy of each frame against all others, in both directions, as loops."""
    v = real_frames(visual, labels)
    a = real_frames(audio, labels)
    costs = []
    for i in range(len(v)):
        to_audio = [cosine(v[i], other) / TEMPERATURE for other in a]
        to_visual = [cosine(other, a[i]) / TEMPERATURE for other in v]
        for scores in (to_audio, to_visual):
            total = sum(math.exp(score) for score in scores)
            costs.append(math.log(total) - scores[i])
    return sum(costs) / len(costs) if costs else 0.0


def plain_margin(visual: Tensor, audio: Tensor, labels: list[int]) -> float:
    """Every pair of two frames, in both directions, as loops."""
    v = real_frames(visual, labels)
    a = real_frames(audio, labels)
    costs = []
    for i in range(len(v)):
        for j in range(len(v)):
            if i == j:
                continue
            own = 1 - cosine(v[i], a[i])
            costs.append(max(0.0, MARGIN + own - (1 - cosine(v[i], a[j]))))
            costs.append(max(0.0, MARGIN + own - (1 - cosine(v[j], a[i]))))
    return sum(costs) / len(costs) if costs else 0.0


@pytest.mark.parametrize("labels", [LABELS, [0, 0, 0, 0], [1, 0, 1, 1], [1, 1, -1, 1]])
def test_info_nce_is_that_of_plain_loops(
    features: tuple[Tensor, Tensor], labels: list[int]
) -> None:
    found = info_nce(*features, torch.tensor(labels), torch.tensor(TEMPERATURE))
    assert float(found) == pytest.approx(plain_info_nce(*features, labels), abs=1e-5)


@pytest.mark.parametrize("labels", [LABELS, [0, 0, 0, 0], [1, 0, 1, 1], [1, 1, -1, 1]])
def test_the_margin_form_is_that_of_plain_loops(
    features: tuple[Tensor, Tensor], labels: list[int]
) -> None:
    found = margin_loss(*features, torch.tensor(labels))
    assert float(found) == pytest.approx(plain_margin(*features, labels), abs=1e-5)


@pytest.mark.parametrize("labels", [LABELS, [1, 1, 1, 1]])
def test_gradients_are_finite(
    features: tuple[Tensor, Tensor], labels: list[int]
) -> None:
    visual, audio = (values.requires_grad_() for values in features)
    temperature = torch.tensor(TEMPERATURE, requires_grad=True)
    loss = info_nce(visual, audio, torch.tensor(labels), temperature)
    loss = loss + margin_loss(visual, audio, torch.tensor(labels))
    loss.backward()  # type: ignore[no-untyped-call]
    for value in (visual, audio, temperature):
        assert value.grad is not None
        assert torch.isfinite(value.grad).all()


def test_features_of_fake_segments_get_no_gradient(
    features: tuple[Tensor, Tensor],
) -> None:
    visual, audio = (values.requires_grad_() for values in features)
    labels = torch.tensor(LABELS)
    loss = info_nce(visual, audio, labels, torch.tensor(TEMPERATURE))
    (loss + margin_loss(visual, audio, labels)).backward()  # type: ignore[no-untyped-call]
    assert visual.grad is not None
    assert not visual.grad[[1, 3]].any()
    assert visual.grad[[0, 2]].any()


def test_alike_features_cost_more_than_matched_ones() -> None:
    frames = torch.eye(6).reshape(2, 3, 6)
    alike = torch.ones(2, 3, 6)
    labels = torch.zeros(2, dtype=torch.int64)
    temperature = torch.tensor(TEMPERATURE)
    assert info_nce(frames, frames, labels, temperature) < 0.01
    assert float(info_nce(alike, alike, labels, temperature)) == pytest.approx(
        math.log(6), abs=1e-5
    )
    assert float(margin_loss(frames, frames, labels)) == 0.0
    assert float(margin_loss(alike, alike, labels)) == pytest.approx(MARGIN)


def test_swapped_frames_of_one_segment_cost_more() -> None:
    # The paper's loss gives both the same value where only the order within a segment differs.
    frames = torch.eye(3)[None]
    swapped = frames[:, [1, 0, 2]]
    labels = torch.zeros(1, dtype=torch.int64)
    temperature = torch.tensor(TEMPERATURE)
    in_order = info_nce(frames, frames, labels, temperature)
    assert info_nce(frames, swapped, labels, temperature) > in_order + 1
    assert margin_loss(frames, swapped, labels) > margin_loss(frames, frames, labels)


def test_nothing_waits_for_a_gpu(features: tuple[Tensor, Tensor]) -> None:
    labels = torch.tensor(LABELS)
    temperature = torch.tensor(TEMPERATURE)
    assert count_host_syncs(lambda: info_nce(*features, labels, temperature)) == 0
    assert count_host_syncs(lambda: margin_loss(*features, labels)) == 0
