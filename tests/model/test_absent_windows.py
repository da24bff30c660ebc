"""What a window does not have takes no part in any loss: no value of it changes anything."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.labels import ABSENT, FAKE, REAL, UNKNOWN
from avdf.model import DetectorOutput
from avdf.model.losses import Losses, LossSettings, Matching, detector_losses

WINDOWS, WIDTH = 5, 6
LABELS = st.sampled_from([REAL, FAKE, UNKNOWN])
# What each window has: both, its picture alone, its sound alone, or nothing.
KINDS = st.lists(
    st.sampled_from(["both", "picture", "sound", "none"]),
    min_size=WINDOWS,
    max_size=WINDOWS,
)


def output(seed: int) -> DetectorOutput:
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        values = torch.randn(WINDOWS, *shape, generator=generator)
        return values.requires_grad_()

    return DetectorOutput(
        visual_logits=draw(2),
        audio_logits=draw(2),
        video_logits=draw(2),
        visual_features=draw(16, WIDTH),
        audio_features=draw(16, WIDTH),
        visual_mean=draw(WIDTH),
        audio_mean=draw(WIDTH),
    )


# What rests on the picture alone, or on the sound alone.
OF_ONE_BRANCH = {
    "visual_logits": "picture",
    "audio_logits": "sound",
    "visual_mean": "picture",
    "audio_mean": "sound",
}


def label_table(kinds: list[str], known: list[int]) -> torch.Tensor:
    """Columns: the video, its frames, its audio."""
    table = torch.full((WINDOWS, 3), ABSENT)
    for row, (kind, label) in enumerate(zip(kinds, known, strict=True)):
        if kind == "both":
            table[row] = label
        if kind == "picture":
            table[row, 1] = label
        if kind == "sound":
            table[row, 2] = label
    return table


def with_other_values(found: DetectorOutput, kinds: list[str]) -> DetectorOutput:
    """The same where everything that rests on what is missing has another value."""
    other = output(seed=9)
    changed = {}
    for name in vars(found):
        keeps = OF_ONE_BRANCH.get(name, "both")
        kept = torch.tensor([kind in ("both", keeps) for kind in kinds])
        own, foreign = getattr(found, name), getattr(other, name)
        shape = (WINDOWS, *[1] * (own.dim() - 1))
        mixed = torch.where(kept.reshape(shape), own, foreign)
        changed[name] = mixed.detach().requires_grad_()
    return replace(found, **changed)


def losses_and_gradients(
    found: DetectorOutput, labels: torch.Tensor, matching: Matching
) -> tuple[Losses, dict[str, torch.Tensor | None]]:
    settings = LossSettings(
        matched_by=matching, with_cmfm=True, uniformity=0.5, alignment=0.1
    )
    losses = detector_losses(found, labels, settings)
    losses.total.backward()  # type: ignore[no-untyped-call]
    return losses, {name: value.grad for name, value in vars(found).items()}


@pytest.mark.parametrize("matching", ["cmfm", "infonce", "margin"])
@given(kinds=KINDS, known=st.lists(LABELS, min_size=WINDOWS, max_size=WINDOWS))
def test_what_is_missing_changes_nothing(
    matching: Matching, kinds: list[str], known: list[int]
) -> None:
    labels, first = label_table(kinds, known), output(seed=1)
    second = with_other_values(first, kinds)
    losses, gradients = losses_and_gradients(first, labels, matching)
    others, other_gradients = losses_and_gradients(second, labels, matching)
    for name, value in vars(losses).items():
        torch.testing.assert_close(
            value, getattr(others, name), rtol=0, atol=0, equal_nan=True
        )
    lost = torch.tensor([kind != "both" for kind in kinds])
    for name in ("visual_features", "audio_features", "video_logits"):
        gradient, other = gradients[name], other_gradients[name]
        assert gradient is not None and other is not None
        assert not gradient[lost].any()
        torch.testing.assert_close(gradient, other, rtol=0, atol=0)


def test_an_unknown_label_is_still_compared_with_other_windows() -> None:
    """Only what is missing takes no part; what nobody labelled is a mismatch like any other."""
    found, unknown = output(seed=1), torch.full((WINDOWS, 3), UNKNOWN)
    absent = torch.full((WINDOWS, 3), ABSENT)
    settings = LossSettings()
    assert not detector_losses(found, unknown, settings).mismatched_distance.isnan()
    assert detector_losses(found, absent, settings).mismatched_distance.isnan()
