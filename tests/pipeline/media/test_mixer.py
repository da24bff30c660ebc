"""Two channels become one: their mean, or one of them where the mean cancels."""

import numpy as np
import numpy.typing as npt

from avdf.pipeline.media.mixer import ChannelMixer

Samples = npt.NDArray[np.int64]
Mixed = npt.NDArray[np.int16]

GENERATOR = np.random.default_rng(0)
LEFT, RIGHT = GENERATOR.integers(-9000, 9000, (2, 40_000))


def mixed(
    left: Samples,
    right: Samples,
    chunk: int = 1001,
) -> tuple[Mixed, bool]:
    """All samples, and whether the channels cancel.

    They are fed in chunks of bytes, of which by default most end within a sample.
    """
    mixer = ChannelMixer(2)
    pairs = np.stack([left, right], axis=1)
    data = pairs.astype(np.int16).tobytes()
    for start in range(0, len(data), chunk):
        mixer.feed(data[start : start + chunk])
    return mixer.finish(), mixer.channels_cancel


def test_one_channel_stays_as_it_is() -> None:
    mixer = ChannelMixer(1)
    samples = LEFT.astype(np.int16)
    mixer.feed(samples[:100].tobytes())
    mixer.feed(samples[100:].tobytes())
    np.testing.assert_array_equal(mixer.finish(), samples)


# The mean


def test_different_channels_are_averaged() -> None:
    found, channels_cancel = mixed(LEFT, RIGHT)
    assert not channels_cancel
    error = np.abs(found - (LEFT + RIGHT) / 2)
    assert error.max() <= 0.5


def test_equal_channels_give_the_same_channel() -> None:
    found, channels_cancel = mixed(LEFT, LEFT)
    assert not channels_cancel
    np.testing.assert_array_equal(found, LEFT)


def test_a_silent_channel_halves_the_other() -> None:
    silence = np.zeros_like(LEFT)
    found, channels_cancel = mixed(LEFT, silence)
    assert not channels_cancel
    error = np.abs(found - LEFT / 2)
    assert error.max() <= 0.5


def test_a_mean_of_the_loudest_samples_does_not_overflow() -> None:
    """The sum of two of them does not fit into 16 bits."""
    loudest = np.full(10, 32767)
    found, _ = mixed(loudest, loudest)
    np.testing.assert_array_equal(found, loudest)


# Channels that cancel


def test_an_inverted_channel_leaves_the_louder_one() -> None:
    louder = -LEFT - LEFT // 20
    found, channels_cancel = mixed(LEFT, louder)
    assert channels_cancel
    np.testing.assert_array_equal(found, louder)


def test_the_choice_holds_for_the_whole_video() -> None:
    """It is made after half a minute with a signal; silence before that does not count."""
    silence = np.zeros(200_000, np.int64)
    voice = GENERATOR.integers(-9000, 9000, 600_000)
    left = np.concatenate([silence, voice])

    found, channels_cancel = mixed(left, -left, chunk=1 << 16)

    assert channels_cancel
    assert not found[:200_000].any()
    np.testing.assert_array_equal(np.abs(found[200_000:]), np.abs(voice))


def test_silence_alone_is_silence() -> None:
    silence = np.zeros(5000, np.int64)
    found, channels_cancel = mixed(silence, silence)
    assert not channels_cancel
    assert len(found) == 5000
    assert not found.any()
