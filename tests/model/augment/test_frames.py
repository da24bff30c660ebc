"""Augmentation of frames."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avdf.cache.core.arrays import UInt8Array
from avdf.model.augment.frames import (
    FrameAugmentation,
    augment_frames,
    random_frame_augmentation,
)
from avdf.model.imaging.colour import ColourChange
from tests.helpers.face_windows import synthetic_windows

NOTHING = FrameAugmentation(
    crop=(1.0, 0.0, 0.0),
    flip=False,
    colour=ColourChange(np.eye(3, 4, dtype=np.float32)),
    sharpen=0.0,
    blur=0.0,
    resize=1.0,
    jpeg=None,
)


@pytest.fixture(scope="module")
def window() -> UInt8Array:
    return synthetic_windows(1)[0]


@settings(max_examples=30)
@given(st.integers(1, 5), st.integers(8, 60), st.integers(0, 10_000))
def test_shape_and_input_stay(count: int, side: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    frames = generator.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    before = frames.copy()
    after = augment_frames(frames, generator)
    assert (after.shape, after.dtype) == (frames.shape, frames.dtype)
    np.testing.assert_array_equal(frames, before)
    assert not np.shares_memory(after, frames)


def test_the_same_seed_gives_the_same(window: UInt8Array) -> None:
    first = augment_frames(window, np.random.default_rng(1))
    np.testing.assert_array_equal(
        first, augment_frames(window, np.random.default_rng(1))
    )
    assert (first != augment_frames(window, np.random.default_rng(2))).any()


def test_one_set_of_parameters_for_all_frames(window: UInt8Array) -> None:
    """Each frame comes out as it does alone, and a clip that stands still does so afterwards."""
    for seed in range(10):
        together = augment_frames(window[:4], np.random.default_rng(seed))
        for index in range(4):
            alone = augment_frames(window[index, None], np.random.default_rng(seed))
            np.testing.assert_array_equal(together[index], alone[0])


def test_nothing_is_nothing(window: UInt8Array) -> None:
    np.testing.assert_array_equal(NOTHING(window[0]), window[0])


def test_a_flip_exchanges_left_and_right(window: UInt8Array) -> None:
    flipped = replace(NOTHING, flip=True)(window[0])
    np.testing.assert_array_equal(flipped, window[0][:, ::-1])


def test_a_crop_is_enlarged_to_the_whole(window: UInt8Array) -> None:
    """The upper left half of the frame, twice as large: on average, each pixel becomes 2 x 2."""
    enlarged = replace(NOTHING, crop=(0.5, 0.0, 0.0))(window[0])
    small = enlarged.reshape(112, 2, 112, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(small - window[0][:112, :112]).mean() < 2


def roughness(frame: UInt8Array) -> float:
    """Mean difference between neighbours."""
    return float(np.abs(np.diff(frame.astype(float), axis=0)).mean())


@pytest.mark.parametrize(
    ("change", "is_rougher"),
    [
        (lambda: replace(NOTHING, blur=1.0), False),
        (lambda: replace(NOTHING, resize=0.5), False),
        (lambda: replace(NOTHING, sharpen=1.0), True),
    ],
)
def test_sharpness_goes_up_and_down(
    change: Callable[[], FrameAugmentation], is_rougher: bool, window: UInt8Array
) -> None:
    assert (roughness(change()(window[0])) > roughness(window[0])) == is_rougher


def test_a_lower_quality_of_jpeg_is_further_off(window: UInt8Array) -> None:
    frame = window[0].astype(float)
    errors = [
        np.abs(replace(NOTHING, jpeg=quality)(window[0]) - frame).mean()
        for quality in (100, 70, 40)
    ]
    assert 0 < errors[0] < errors[1] < errors[2]


def test_each_change_is_as_frequent_as_it_says() -> None:
    drawn = [random_frame_augmentation(np.random.default_rng(n)) for n in range(1500)]
    shares = {
        "flip": np.mean([one.flip for one in drawn]),
        "sharpen": np.mean([one.sharpen > 0 for one in drawn]),
        "blur": np.mean([one.blur > 0 for one in drawn]),
        "resize": np.mean([one.resize < 1 for one in drawn]),
        "jpeg": np.mean([one.jpeg is not None for one in drawn]),
    }
    expected = {"flip": 0.5, "sharpen": 0.15, "blur": 0.1, "resize": 0.3, "jpeg": 0.5}
    assert shares == pytest.approx(expected, abs=0.045)
    assert {one.jpeg for one in drawn if one.jpeg} <= set(range(40, 101))
    assert all(0.9 <= one.crop[0] <= 1 for one in drawn)
