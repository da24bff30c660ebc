"""What the detector says of a batch: shapes are checked, and named in the message."""

import pytest
import torch

from avdf.model import DetectorOutput


def make_output(**changed: torch.Tensor) -> DetectorOutput:
    parts = {
        "visual_logits": torch.zeros(4, 2),
        "audio_logits": torch.zeros(4, 2),
        "video_logits": torch.zeros(4, 2),
        "visual_features": torch.zeros(4, 16, 8),
        "audio_features": torch.zeros(4, 16, 8),
    }
    return DetectorOutput(**{**parts, **changed})


def test_the_papers_shapes_are_taken() -> None:
    assert make_output().video_logits.shape == (4, 2)


@pytest.mark.parametrize("name", ["visual_logits", "audio_logits"])
@pytest.mark.parametrize(
    "shape",
    [
        (3, 2),
        (4, 3),
        (4,),
    ],
)
def test_logits_of_another_shape_are_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=rf"{name} is .*expected \(4, 2\)"):
        make_output(**{name: torch.zeros(shape)})


def test_features_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the same shape"):
        make_output(audio_features=torch.zeros(4, 32, 8))
