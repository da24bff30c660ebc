"""From how loud on a sample is sound."""

import numpy as np

from avdf.cache.core.loudness import is_loud, is_silent


def test_rounding_noise_is_silent() -> None:
    assert is_silent(np.array([0, 1, -1, 0], np.int16))


def test_sound_is_louder_than_60_db_below_full_scale() -> None:
    faint, loud = 10 ** (-60.1 / 20) * 32768, 10 ** (-59.7 / 20) * 32768
    assert is_silent(np.array([0, round(faint)], np.int16))
    assert not is_silent(np.array([0, -round(loud)], np.int16))


def test_no_samples_are_silent() -> None:
    assert is_silent(np.empty(0, np.int16))


def test_the_most_negative_sample_is_loud() -> None:
    """Its absolute value does not fit into 16 bits."""
    assert is_loud(np.array([0, -32768, 5], np.int16)).tolist() == [False, True, False]
