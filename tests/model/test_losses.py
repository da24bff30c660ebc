"""The loss of training against PyTorch's own and sums by hand."""

import pytest
import torch
import torch.nn.functional as F

from avdf.model import DetectorOutput, cmfm_loss
from avdf.model.contrast import info_nce, margin_loss
from avdf.model.losses import (
    Losses,
    LossSettings,
    Matching,
    detector_losses,
    masked_cross_entropy,
)

REAL, FAKE, UNKNOWN = 0, 1, -1
# Columns: the video, its frames, its audio.
LABELS = torch.tensor(
    [
        [REAL, REAL, REAL],
        [FAKE, FAKE, REAL],
        [FAKE, REAL, FAKE],
        [REAL, REAL, REAL],
    ]
)
OF_VIDEO, OF_FRAMES, OF_AUDIO = LABELS.T


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


@pytest.fixture
def losses(output: DetectorOutput) -> Losses:
    """The losses of training as the paper has them."""
    return detector_losses(output, LABELS, LossSettings())


def test_the_video_verdict_is_trained_on_its_own_label(
    output: DetectorOutput,
    losses: Losses,
) -> None:
    wanted = F.cross_entropy(output.video_logits, OF_VIDEO)
    torch.testing.assert_close(losses.video, wanted)


def test_the_visual_verdict_is_trained_on_its_own_label(
    output: DetectorOutput,
    losses: Losses,
) -> None:
    wanted = F.cross_entropy(output.visual_logits, OF_FRAMES)
    torch.testing.assert_close(losses.visual, wanted)


def test_the_audio_verdict_is_trained_on_its_own_label(
    output: DetectorOutput,
    losses: Losses,
) -> None:
    wanted = F.cross_entropy(output.audio_logits, OF_AUDIO)
    torch.testing.assert_close(losses.audio, wanted)


def test_features_are_matched_by_the_label_of_the_video(
    output: DetectorOutput,
    losses: Losses,
) -> None:
    wanted = cmfm_loss(output.visual_features, output.audio_features, OF_VIDEO)
    torch.testing.assert_close(losses.matching, wanted)


def test_the_total_is_the_sum_of_equation_16(losses: Losses) -> None:
    verdicts = losses.visual + losses.audio + losses.video
    torch.testing.assert_close(losses.total, verdicts + losses.matching)


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
    losses: Losses,
) -> None:
    part = detector_losses(output, LABELS, LossSettings(audio=False))
    torch.testing.assert_close(part.audio, losses.audio)


# Matching


def test_the_weights_of_the_matching_loss_are_passed_on(output: DetectorOutput) -> None:
    settings = LossSettings(
        alpha=3,
        beta=0.5,
        gamma=0.25,
        normalisation="per_term",
    )
    found = detector_losses(output, LABELS, settings).matching
    wanted = cmfm_loss(
        output.visual_features,
        output.audio_features,
        OF_VIDEO,
        3,
        0.5,
        0.25,
        "per_term",
    )
    torch.testing.assert_close(found, wanted)


def test_at_the_level_of_segments_means_over_time_are_matched(
    output: DetectorOutput,
) -> None:
    settings = LossSettings(level="segment")
    found = detector_losses(output, LABELS, settings).matching
    visual = output.visual_features.mean(1, keepdim=True)
    audio = output.audio_features.mean(1, keepdim=True)
    torch.testing.assert_close(found, cmfm_loss(visual, audio, OF_VIDEO))


def test_distances_are_reported(losses: Losses) -> None:
    # 1 - cosine lies between 0 and 2.
    assert 0 < float(losses.matched_distance) < 2
    assert 0 < float(losses.mismatched_distance) < 2


def test_reported_distances_have_no_gradient(output: DetectorOutput) -> None:
    output.visual_features.requires_grad_()
    losses = detector_losses(output, LABELS, LossSettings())
    assert losses.matching.requires_grad
    assert not losses.matched_distance.requires_grad
    assert not losses.mismatched_distance.requires_grad


# Cross entropy where labels are unknown


def test_unknown_labels_are_left_out_of_cross_entropy() -> None:
    logits = torch.randn(5, 2)
    labels = torch.tensor([REAL, FAKE, UNKNOWN, FAKE, UNKNOWN])
    known = [0, 1, 3]
    found = masked_cross_entropy(logits, labels)
    wanted = F.cross_entropy(logits[known], labels[known])
    torch.testing.assert_close(found, wanted)


def test_without_a_known_label_cross_entropy_is_zero_and_has_a_gradient() -> None:
    logits = torch.randn(5, 2, requires_grad=True)
    unknown = torch.full((5,), UNKNOWN)

    loss = masked_cross_entropy(logits, unknown)
    loss.backward()  # type: ignore[no-untyped-call]

    assert float(loss.detach()) == 0.0
    assert logits.grad is not None
    assert not logits.grad.any()


@pytest.mark.parametrize("name", ["infonce", "margin"])
def test_another_matching_loss_takes_the_place_of_the_papers(
    output: DetectorOutput, name: Matching
) -> None:
    settings = LossSettings(matched_by=name, matching_weight=0.5)
    features = (output.visual_features, output.audio_features, LABELS[:, 0])
    contrast = {
        "infonce": info_nce(*features, torch.tensor(0.1)),
        "margin": margin_loss(*features),
    }
    losses = detector_losses(output, LABELS, settings)
    torch.testing.assert_close(losses.matching, 0.5 * contrast[name])
    wanted = losses.visual + losses.audio + losses.video + losses.matching
    torch.testing.assert_close(losses.total, wanted)


def test_the_papers_loss_can_stay_beside_another(output: DetectorOutput) -> None:
    settings = LossSettings(matched_by="margin", matching_weight=2.0, with_cmfm=True)
    features = (output.visual_features, output.audio_features, LABELS[:, 0])
    losses = detector_losses(output, LABELS, settings)
    wanted = cmfm_loss(*features) + 2.0 * margin_loss(*features)
    torch.testing.assert_close(losses.matching, wanted)


def test_infonce_takes_the_temperature_that_it_is_given(output: DetectorOutput) -> None:
    settings = LossSettings(matched_by="infonce")
    features = (output.visual_features, output.audio_features, LABELS[:, 0])
    temperature = torch.tensor(0.7)
    losses = detector_losses(output, LABELS, settings, temperature)
    torch.testing.assert_close(losses.matching, info_nce(*features, temperature))
