"""Two channels become one: their mean, or one of them where the mean cancels."""

import numpy as np
import numpy.typing as npt

from avdf.pipeline.media.mixer import ChannelMixer

GENERATOR = np.random.default_rng(0)
LEFT, RIGHT = GENERATOR.integers(-9000, 9000, (2, 40_000))


def mixed(
    pairs: npt.NDArray[np.int64],
    chunk: int = 1001,
) -> tuple[npt.NDArray[np.int16], bool]:
    """All samples of (n, 2) pairs, fed in chunks of bytes that end within a sample."""
    mixer = ChannelMixer(2)
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


def test_different_channels_are_averaged() -> None:
    pairs = np.stack([LEFT, RIGHT], axis=1)
    found, channels_cancel = mixed(pairs)
    assert not channels_cancel
    assert np.abs(found - pairs.mean(axis=1)).max() <= 0.5


def test_equal_channels_give_the_same_channel() -> None:
    found, channels_cancel = mixed(np.stack([LEFT, LEFT], axis=1))
    assert not channels_cancel
    np.testing.assert_array_equal(found, LEFT)


def test_a_silent_channel_halves_the_other() -> None:
    found, channels_cancel = mixed(np.stack([LEFT, 0 * LEFT], axis=1))
    assert not channels_cancel
    assert np.abs(found - LEFT / 2).max() <= 0.5


def test_a_mean_of_the_loudest_samples_does_not_overflow() -> None:
    found, _ = mixed(np.full((10, 2), 32767))
    np.testing.assert_array_equal(found, np.full(10, 32767))


def test_an_inverted_channel_leaves_the_louder_one() -> None:
    found, channels_cancel = mixed(np.stack([LEFT, -LEFT - LEFT // 20], axis=1))
    assert channels_cancel
    np.testing.assert_array_equal(found, -LEFT - LEFT // 20)


def test_the_choice_holds_for_the_whole_video() -> None:
    """It is made after half a minute with a signal; silence before that does not count."""
    left = GENERATOR.integers(-9000, 9000, 600_000)
    silence = np.zeros((200_000, 2), np.int64)
    inverted = np.stack([left, -left], axis=1)
    found, channels_cancel = mixed(np.concatenate([silence, inverted]), chunk=1 << 16)
    assert channels_cancel
    assert not found[:200_000].any()
    np.testing.assert_array_equal(np.abs(found[200_000:]), np.abs(left))


def test_silence_alone_is_silence() -> None:
    found, channels_cancel = mixed(np.zeros((5000, 2), np.int64))
    assert not channels_cancel
    assert len(found) == 5000
    assert not found.any()
