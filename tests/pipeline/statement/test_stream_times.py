"""Time stamps: their usual distance, gaps, and stamps that occur twice."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.pipeline.statement.file_statement import TimeGap
from avdf.pipeline.statement.stream_times import (
    MOST_LISTED,
    read_stream_times,
    summarise_times,
)
from tests.helpers.lavfi import generated, make


def test_regular_times_have_no_gaps() -> None:
    found = summarise_times(0, [index / 25 for index in range(50)])
    assert (found.packets, found.first, found.last, found.step) == (50, 0.0, 1.96, 0.04)
    assert (found.irregular, found.repeated, found.all_gaps) == (0, 0, 0)


def test_the_order_of_the_file_is_not_that_of_time() -> None:
    # Frames that are computed from later ones are stored after them.
    times = [0.0, 0.12, 0.04, 0.08, 0.24, 0.16, 0.2]
    assert summarise_times(0, times).irregular == 0


def test_a_gap_and_a_repeated_stamp_are_found() -> None:
    times = [index / 25 for index in range(50) if not 20 <= index < 30] + [0.4]
    found = summarise_times(0, times)
    assert found.gaps == (TimeGap(0.76, 0.44),)
    assert (found.repeated, found.irregular) == (1, 2)


def test_times_that_begin_again_jump_back() -> None:
    once = [index / 25 for index in range(50)]
    found = summarise_times(0, [*once, *once])
    assert found.jumps == (TimeGap(1.96, -1.96),)
    assert found.repeated == 50
    assert summarise_times(0, once).jumps == ()


def test_of_many_gaps_the_longest_are_listed_in_order() -> None:
    times = [0.0]
    for index in range(400):
        times.append(times[-1] + (1 + index / 100 if index % 4 == 0 else 0.04))
    found = summarise_times(0, times)
    assert (found.all_gaps, len(found.gaps)) == (100, MOST_LISTED)
    starts = [gap.start for gap in found.gaps]
    assert starts == sorted(starts)
    assert min(gap.seconds for gap in found.gaps) > 4


@pytest.mark.parametrize("times", [[], [3.0]])
def test_few_stamps_have_no_step(times: list[float]) -> None:
    found = summarise_times(1, times)
    assert found.step is None and found.packets == len(times)


@given(st.lists(st.floats(-1e6, 1e6), max_size=50))
def test_any_times_have_a_summary(times: list[float]) -> None:
    found = summarise_times(0, times)
    assert found.packets == len(times)
    assert found.all_gaps >= len(found.gaps)


def test_the_times_of_a_file_are_read(tmp_path: Path) -> None:
    video = generated("testsrc=size=64x64:rate=25:duration=2")
    # Frames 10 to 24 are dropped, and the others keep their times.
    options = "-vf select='lt(n\\,10)+gt(n\\,24)' -fps_mode passthrough"
    sound = generated("sine=d=2:r=8000")
    path = make(
        tmp_path / "a.mkv", video, sound, options=f"{options} -c:v libx264 -c:a flac"
    )
    (frames, audio), is_all = read_stream_times(path, [0, 1], 60.0)
    assert is_all
    assert frames.packets == 35 and frames.gaps == (TimeGap(0.36, 0.64),)
    assert audio.stream == 1 and audio.all_gaps == 0


def test_a_file_that_is_none_has_no_times(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no media")
    (found,), is_all = read_stream_times(path, [0], 60.0)
    assert not is_all and found.packets == 0
