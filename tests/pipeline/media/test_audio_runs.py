"""Runs of samples on the time line: gaps are silent, overlaps are dropped, memory is bounded."""

import numpy as np

from avdf.pipeline.media.audio import DecodedAudio
from avdf.pipeline.media.audio_runs import AudioRun, AudioRuns

PCM = np.arange(1, 31, dtype=np.int16)
"""The samples of all blocks, one after another. None is 0: silence is told apart."""
AMPLE = 10_000  # a limit that none of the lines below comes near


def runs_of(*blocks: tuple[int, int]) -> AudioRuns:
    """Runs of blocks (start, samples)."""
    runs = AudioRuns()
    for start, samples in blocks:
        runs.add(start, samples)
    return runs


def placed(*blocks: tuple[int, int], most: int = AMPLE) -> DecodedAudio:
    """The samples of the blocks on one line."""
    return runs_of(*blocks).place(PCM, most=most)


# Runs


def test_blocks_without_a_gap_are_one_run() -> None:
    found = runs_of((100, 5), (105, 5), (110, 20))
    assert found.runs == [AudioRun(time=100, offset=0)]


def test_a_gap_begins_another_run() -> None:
    found = runs_of((100, 5), (120, 5))
    first = AudioRun(time=100, offset=0)
    second = AudioRun(time=120, offset=5)
    assert found.runs == [first, second]


# Placing


def test_one_run_keeps_its_samples_and_its_start() -> None:
    audio = placed((100, 30))
    assert audio.first == 100
    np.testing.assert_array_equal(audio.pcm, PCM)


def test_a_gap_becomes_silence() -> None:
    # The first block ends at 10, the second begins at 15.
    audio = placed((0, 10), (15, 20))
    silence = np.zeros(5)
    expected = np.concatenate([PCM[:10], silence, PCM[10:]])
    np.testing.assert_array_equal(audio.pcm, expected)


def test_where_runs_overlap_the_earlier_one_stays() -> None:
    # The first block ends at 20, the second begins at 15: it loses its first 5 samples.
    audio = placed((0, 20), (15, 10))
    expected = np.concatenate([PCM[:20], PCM[25:]])
    np.testing.assert_array_equal(audio.pcm, expected)


def test_a_leap_in_time_takes_no_memory_beyond_the_limit() -> None:
    audio = placed((100, 10), (10**12, 20), most=200)
    assert audio.first == 100
    assert audio.stop == 200
    np.testing.assert_array_equal(audio.pcm[:10], PCM[:10])
    assert not audio.pcm[10:].any()


def test_no_audio_is_an_empty_line_from_time_0() -> None:
    nothing = np.empty(0, np.int16)
    audio = AudioRuns().place(nothing, most=100)
    assert audio.first == 0
    assert audio.stop == 0


def test_the_stop_is_the_sample_after_the_last() -> None:
    audio = DecodedAudio(640, PCM)
    assert audio.stop == 640 + 30
