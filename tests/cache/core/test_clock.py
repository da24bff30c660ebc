"""The arithmetic that frames, audio and log-mel share; other programs rely on these numbers."""

from avdf.cache.core import clock


def test_a_frame_has_640_samples_and_4_columns_of_log_mel() -> None:
    assert clock.SAMPLES_PER_FRAME == 640
    assert clock.MELS_PER_FRAME == 4
    assert clock.TOKENS_PER_FRAME == 2


def test_a_segment_is_16_frames_and_everything_that_belongs_to_them() -> None:
    assert clock.SEGMENT_FRAMES == 16
    assert clock.SEGMENT_SECONDS == 0.64
    assert clock.SEGMENT_SAMPLES == 10_240
    assert clock.SEGMENT_MELS == 64
    assert clock.SEGMENT_TOKENS == 32
