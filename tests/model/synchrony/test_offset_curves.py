"""Offset curves against plain loops, and what they say of shifted and of unrelated sound."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.synchrony.offset_curves import (
    FEWEST_PAIRS,
    OFFSETS,
    OffsetCurves,
    join_curves,
    offset_curves,
)


def features(rows: int, seed: int = 0, width: int = 24) -> torch.Tensor:
    """(rows, width) features of which no two are alike."""
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(seed))


def plain_curve(
    visual: np.ndarray, audio: np.ndarray, rows: range
) -> list[float | None]:
    """Mean of 1 - cos over the frames `rows`, one pair at a time; None with too few pairs."""
    curve: list[float | None] = []
    for offset in OFFSETS.tolist():
        distances = []
        for t in rows:
            if 0 <= t + offset < len(audio):
                v, a = visual[t], audio[t + offset]
                cosine = (v @ a) / (np.linalg.norm(v) * np.linalg.norm(a))
                distances.append(1 - cosine)
        enough = len(distances) >= FEWEST_PAIRS
        curve.append(float(np.mean(distances)) if enough else None)
    return curve


def as_floats(curve: list[float | None]) -> np.ndarray:
    return np.array(curve, np.float64)  # None becomes NaN


@pytest.mark.parametrize("rows", [16, 32, 80])
def test_a_window_is_compared_with_all_of_the_audio_around_it(rows: int) -> None:
    visual, audio = features(rows, 1), features(rows, 2)

    found = offset_curves(visual, audio)

    assert len(found.sums) == rows // 16
    for window, curve in enumerate(found.distance):
        own_rows = range(16 * window, 16 * window + 16)
        wanted = plain_curve(visual.numpy(), audio.numpy(), own_rows)
        np.testing.assert_allclose(curve, as_floats(wanted), atol=2e-6)


def test_the_curve_of_a_video_is_that_of_all_its_frames() -> None:
    visual, audio = features(64, 1), features(64, 2)

    found = offset_curves(visual, audio).by_video(np.zeros(4, np.int64), 2)

    wanted = plain_curve(visual.numpy(), audio.numpy(), range(64))
    np.testing.assert_allclose(found.distance[0], as_floats(wanted), atol=2e-6)
    assert not found.is_known[1]
    assert np.isnan([found.sync[1], found.depth[1], found.offset_ms[1]]).all()


@given(st.integers(-20, 20), st.integers(60, 120), st.integers(0, 10))
def test_moved_sound_is_found_at_its_offset(late: int, rows: int, seed: int) -> None:
    scene = features(rows + 40, seed)
    visual = scene[20 : 20 + rows]
    # What is heard at frame t was seen `late` frames before.
    audio = scene[20 - late : 20 - late + rows]

    found = offset_curves(visual, audio).by_video(np.zeros(-(-rows // 16), np.int64), 1)

    assert found.offset_ms[0] == 40 * late
    assert found.depth[0] > 0.5
    assert (found.sync[0] < -0.5) == (late == 0)


def test_features_that_are_all_alike_have_a_flat_curve() -> None:
    alike = torch.ones(48, 8)

    found = offset_curves(alike, alike)

    assert found.sync == pytest.approx(0, abs=1e-6)
    assert found.depth == pytest.approx(0, abs=1e-6)


def test_windows_may_overlap_and_reach_beyond_the_run() -> None:
    visual, audio = features(32, 1), features(32, 2)

    found = offset_curves(visual, audio, np.array([4, 24, 40]))

    wanted = plain_curve(visual.numpy(), audio.numpy(), range(4, 20))
    np.testing.assert_allclose(found.distance[0], as_floats(wanted), atol=2e-6)
    cut_off = plain_curve(visual.numpy(), audio.numpy(), range(24, 32))
    np.testing.assert_allclose(found.distance[1], as_floats(cut_off), atol=2e-6)
    assert not found.is_known[2]


def test_a_segment_alone_is_known_and_less_is_not() -> None:
    assert offset_curves(features(16), features(16, 1)).is_known.all()
    assert not offset_curves(features(15), features(15, 1)).is_known.any()


def test_features_that_are_not_numbers_give_no_curve() -> None:
    missing = torch.full((16, 4), torch.nan)

    found = offset_curves(missing, missing)

    assert not found.is_known.any()


def test_choosing_joining_and_leaving_out_keep_the_other_curves() -> None:
    curves = offset_curves(features(64, 1), features(64, 2))
    mask = np.array([True, False, True, False])

    assert (curves.chosen(mask).sums == curves.sums[mask]).all()
    both = join_curves([curves.chosen(mask), curves.chosen(~mask)])
    assert (both.pairs == curves.pairs[[0, 2, 1, 3]]).all()
    assert (curves.without(mask).is_known == ~mask).all()
    assert not len(join_curves([]).sums)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="pairs has shape"):
        OffsetCurves(np.zeros((2, 51), np.float32), np.zeros((2, 50), np.int32))


def test_a_run_longer_than_one_product_is_compared_without_a_gap() -> None:
    # 1,024 rows are multiplied at a time.
    scene = features(1100, 3, width=8)

    found = offset_curves(scene[5:1085], scene[:1080])

    assert (found.offset_ms[2:-2] == 200).all()
    assert (found.pairs[2:60] == 16).all()
    around = 64  # the window that begins at row 1024
    wanted = plain_curve(scene[5:1085].numpy(), scene[:1080].numpy(), range(1024, 1040))
    np.testing.assert_allclose(found.distance[around], as_floats(wanted), atol=2e-6)
