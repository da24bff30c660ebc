"""Runs of samples on the time line: gaps are silent, overlaps are dropped, memory is bounded."""

import numpy as np

from avdf.pipeline.media.audio import DecodedAudio, has_signal
from avdf.pipeline.media.audio_runs import AudioRun, AudioRuns

PCM = np.arange(1, 31, dtype=np.int16)


def runs_of(*blocks: tuple[int, int]) -> AudioRuns:
    """Runs of blocks (start, samples)."""
    runs = AudioRuns()
    for start, samples in blocks:
        runs.add(start, samples)
    return runs


def test_blocks_without_a_gap_are_one_run() -> None:
    assert runs_of((100, 5), (105, 5), (110, 20)).runs == [AudioRun(time=100, offset=0)]


def test_a_gap_begins_another_run() -> None:
    assert runs_of((100, 5), (120, 5)).runs == [AudioRun(100, 0), AudioRun(120, 5)]


def test_one_run_keeps_its_samples_and_its_start() -> None:
    audio = runs_of((100, 30)).place(PCM, most=10_000)
    assert audio.first == 100
    np.testing.assert_array_equal(audio.pcm, PCM)


def test_a_gap_becomes_silence() -> None:
    audio = runs_of((0, 10), (15, 20)).place(PCM, most=10_000)
    np.testing.assert_array_equal(audio.pcm, [*range(1, 11), *[0] * 5, *range(11, 31)])


def test_where_runs_overlap_the_earlier_one_stays() -> None:
    audio = runs_of((0, 20), (15, 10)).place(PCM, most=10_000)
    np.testing.assert_array_equal(audio.pcm, [*range(1, 21), *range(26, 31)])


def test_a_leap_in_time_takes_no_memory_beyond_the_limit() -> None:
    audio = runs_of((100, 10), (10**12, 20)).place(PCM, most=200)
    assert (audio.first, audio.stop) == (100, 200)
    np.testing.assert_array_equal(audio.pcm[:10], PCM[:10])
    assert not audio.pcm[10:].any()


def test_no_audio_is_an_empty_line_from_time_0() -> None:
    audio = AudioRuns().place(np.empty(0, np.int16), most=100)
    assert (audio.first, audio.stop) == (0, 0)


def test_the_stop_is_the_sample_after_the_last() -> None:
    assert DecodedAudio(640, PCM).stop == 670


def test_rounding_noise_is_no_signal() -> None:
    noise = np.array([0, 1, -1, 0], np.int16)
    assert not has_signal(noise)
    assert not has_signal(noise[:0])


def test_the_most_negative_sample_is_a_signal() -> None:
    assert has_signal(np.array([0, -32768], np.int16))
