"""The loss of training against PyTorch's own and sums by hand."""

import pytest
import torch
import torch.nn.functional as F

from avdf.model import DetectorOutput, cmfm_loss
from avdf.model.losses import LossSettings, detector_losses, masked_cross_entropy

# Columns: the video, its frames, its audio.
LABELS = torch.tensor([[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0]])


@pytest.fixture
def output() -> DetectorOutput:
    generator = torch.Generator().manual_seed(4)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    return DetectorOutput(
        visual_logits=draw(4, 2),
        audio_logits=draw(4, 2),
        video_logits=draw(4, 2),
        visual_features=draw(4, 16, 8),
        audio_features=draw(4, 16, 8),
    )


def test_each_verdict_is_trained_on_its_own_label(output: DetectorOutput) -> None:
    losses = detector_losses(output, LABELS, LossSettings())
    torch.testing.assert_close(
        losses.video, F.cross_entropy(output.video_logits, LABELS[:, 0])
    )
    torch.testing.assert_close(
        losses.visual, F.cross_entropy(output.visual_logits, LABELS[:, 1])
    )
    torch.testing.assert_close(
        losses.audio, F.cross_entropy(output.audio_logits, LABELS[:, 2])
    )


def test_features_are_matched_by_the_label_of_the_video(output: DetectorOutput) -> None:
    losses = detector_losses(output, LABELS, LossSettings())
    wanted = cmfm_loss(output.visual_features, output.audio_features, LABELS[:, 0])
    torch.testing.assert_close(losses.matching, wanted)


def test_the_total_is_the_sum_of_equation_16(output: DetectorOutput) -> None:
    losses = detector_losses(output, LABELS, LossSettings())
    wanted = losses.visual + losses.audio + losses.video + losses.matching
    torch.testing.assert_close(losses.total, wanted)


@pytest.mark.parametrize(
    ("settings", "terms"),
    [
        (LossSettings(visual=False), ("audio", "video", "matching")),
        (LossSettings(audio=False), ("visual", "video", "matching")),
        (LossSettings(video=False), ("visual", "audio", "matching")),
        (LossSettings(matching=False), ("visual", "audio", "video")),
    ],
)
def test_a_loss_that_takes_no_part_adds_nothing(
    output: DetectorOutput,
    settings: LossSettings,
    terms: tuple[str, ...],
) -> None:
    losses = detector_losses(output, LABELS, settings)
    wanted = sum(float(getattr(losses, name)) for name in terms)
    assert float(losses.total) == pytest.approx(wanted, rel=1e-6)


def test_a_loss_that_takes_no_part_is_reported_all_the_same(
    output: DetectorOutput,
) -> None:
    whole = detector_losses(output, LABELS, LossSettings())
    part = detector_losses(output, LABELS, LossSettings(audio=False))
    torch.testing.assert_close(part.audio, whole.audio)


def test_the_weights_of_the_matching_loss_are_passed_on(output: DetectorOutput) -> None:
    settings = LossSettings(alpha=3, beta=0.5, gamma=0.25, normalisation="per_term")
    losses = detector_losses(output, LABELS, settings)
    features = (output.visual_features, output.audio_features, LABELS[:, 0])
    wanted = cmfm_loss(*features, 3, 0.5, 0.25, "per_term")
    torch.testing.assert_close(losses.matching, wanted)


def test_at_the_level_of_segments_means_over_time_are_matched(
    output: DetectorOutput,
) -> None:
    losses = detector_losses(output, LABELS, LossSettings(level="segment"))
    visual = output.visual_features.mean(1, keepdim=True)
    audio = output.audio_features.mean(1, keepdim=True)
    torch.testing.assert_close(losses.matching, cmfm_loss(visual, audio, LABELS[:, 0]))


def test_distances_are_reported_without_a_gradient(output: DetectorOutput) -> None:
    losses = detector_losses(output, LABELS, LossSettings())
    assert 0 < float(losses.matched_distance) < 2
    assert 0 < float(losses.mismatched_distance) < 2
    assert not losses.matched_distance.requires_grad


def test_unknown_labels_are_left_out_of_cross_entropy() -> None:
    logits, labels = torch.randn(5, 2), torch.tensor([0, 1, -1, 1, -1])
    known = [0, 1, 3]
    wanted = F.cross_entropy(logits[known], labels[known])
    torch.testing.assert_close(masked_cross_entropy(logits, labels), wanted)


def test_without_a_known_label_cross_entropy_is_zero_and_has_a_gradient() -> None:
    logits = torch.randn(5, 2, requires_grad=True)
    loss = masked_cross_entropy(logits, torch.full((5,), -1))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == 0.0
    assert logits.grad is not None and not logits.grad.any()
