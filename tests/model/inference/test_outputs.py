"""From the detector's output to scores of segments."""

import math

import numpy as np
import pytest
import torch

from avdf.model import Detector, DetectorOutput
from avdf.model.inference.outputs import (
    matched_distance,
    score_segments,
    scores_of_output,
)
from avdf.model.verdicts import VERDICTS, as_columns
from tests.helpers.batches import make_batch
from tests.helpers.tiny_run import TINY_MODEL

CPU = torch.device("cpu")


@pytest.fixture
def output() -> DetectorOutput:
    generator = torch.Generator().manual_seed(8)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    return DetectorOutput(
        visual_logits=draw(3, 2),
        audio_logits=draw(3, 2),
        video_logits=draw(3, 2),
        visual_features=draw(3, 16, 8),
        audio_features=draw(3, 16, 8),
    )


def test_p_fake_is_the_softmax_of_the_second_logit(output: DetectorOutput) -> None:
    found = scores_of_output([4, 4, 7], output)
    for segment in range(3):
        real, fake = output.audio_logits[segment].tolist()
        wanted = math.exp(fake) / (math.exp(real) + math.exp(fake))
        assert found.fake.audio[segment] == pytest.approx(wanted, rel=1e-6)


def test_segments_keep_the_numbers_of_their_videos(output: DetectorOutput) -> None:
    assert scores_of_output([4, 4, 7], output).video.tolist() == [4, 4, 7]


def test_the_distance_is_that_of_the_same_frame(output: DetectorOutput) -> None:
    found = matched_distance(output)
    for segment, frame in ((0, 0), (1, 7), (2, 15)):
        v = output.visual_features[segment, frame].double()
        a = output.audio_features[segment, frame].double()
        wanted = 1 - float(v @ a / (v.norm() * a.norm()))
        assert float(found[segment, frame]) == pytest.approx(wanted, abs=1e-6)


def test_a_verdict_that_was_not_trained_has_no_score(output: DetectorOutput) -> None:
    found = scores_of_output([0, 0, 0], output, ("visual", "video"))
    assert np.isnan(found.fake.audio).all()
    assert np.isfinite(found.fake.visual).all()
    assert np.isfinite(found.fake.video).all()


@pytest.mark.parametrize(
    ("trained", "has_distance"),
    [
        (("visual", "audio"), False),
        (("visual", "matching"), True),
        (("visual", "video"), True),
    ],
)
def test_features_that_nothing_trained_have_no_distance(
    output: DetectorOutput,
    trained: tuple[str, ...],
    has_distance: bool,
) -> None:
    found = scores_of_output([0, 0, 0], output, trained)
    assert bool(np.isfinite(found.distances).all()) == has_distance


def test_batches_are_scored_in_their_order() -> None:
    detector = Detector(TINY_MODEL).eval()
    batches = [make_batch(2), make_batch(1)]
    seen: list[int] = []
    found = score_segments(detector, batches, CPU, seen.append)
    assert seen == [2, 3]
    alone = score_segments(detector, batches[1:], CPU)
    np.testing.assert_allclose(
        as_columns(found.fake)[2:],
        as_columns(alone.fake),
        atol=1e-5,
    )


@pytest.mark.parametrize(
    ("trained", "with_curves", "are_known"),
    [
        (("visual", "matching"), True, True),
        (("visual", "matching"), False, False),
        (("visual", "audio"), True, False),
    ],
)
def test_curves_are_known_where_they_are_wanted_and_trained(
    trained: tuple[str, ...],
    with_curves: bool,
    are_known: bool,
) -> None:
    found = score_segments(
        Detector(TINY_MODEL),
        [make_batch(2)],
        CPU,
        trained=trained,
        with_curves=with_curves,
    )
    assert found.curves.is_known.tolist() == [are_known] * 2
    assert np.isfinite(found.fake.visual).all()


def test_no_batches_are_no_scores() -> None:
    found = score_segments(Detector(TINY_MODEL), [], CPU)
    assert len(found.video) == 0
    assert [len(found.fake[verdict]) for verdict in VERDICTS] == [0, 0, 0]
