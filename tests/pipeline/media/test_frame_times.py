"""The rows of frames, from the times that ffmpeg reports."""

import io

from avdf.pipeline.media.frame_times import FrameTimes


def rows_of(lines: bytes) -> list[int | None]:
    times = FrameTimes()
    times.listen(io.BytesIO(lines))
    rows = []
    while (row := times.next_row()) is not None:
        rows.append(row)
    return [*rows, times.newest_row]


def test_times_become_rows_of_25_fps() -> None:
    assert rows_of(b"0 1/25\n1 1/25\n5 1/25\n") == [0, 1, 5, 5]


def test_another_unit_of_time_gives_the_same_rows() -> None:
    assert rows_of(b"0 1/90000\n3600 1/90000\n7200 1/90000\n") == [0, 1, 2, 2]


def test_lines_without_a_unit_are_ignored() -> None:
    assert rows_of(b"\n12\n3 1/25\n") == [3, 3]


def test_a_stream_without_frames_ends_at_once() -> None:
    assert rows_of(b"") == [0]
