"""Rows of `videos.csv`: what they count, and their way through columns."""

import json

import numpy as np
import pytest

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.video import Period, PreparedVideo, Track, VideoInfo
from avdf.pipeline.job.video_row import VIDEO_COLUMNS, VideoRow

INFO = VideoInfo(
    id="a",
    path="/in/a.mp4",
    label=1,
    periods=(Period(0.0, 1.0, 1, -1),),
)
SHARD = "shard-00000.h5"


def prepared_video(frames: int) -> PreparedVideo:
    """A video of one track, without content."""
    segments = frames // 16
    track = Track(
        start=0.0,
        crops=(b"x",) * frames,
        boxes=np.zeros((frames, 4), np.float32),
        probability=np.ones(frames, np.float32),
        pcm=np.zeros(SAMPLES_PER_FRAME * frames, np.int16),
        log_mel=np.zeros((segments, 80, 64), np.float16),
    )
    return PreparedVideo(
        INFO,
        "ab12",
        frames / 25,
        1,
        (track,),
    )


def test_a_prepared_video_names_its_shard_and_its_digest() -> None:
    row = VideoRow.prepared(prepared_video(40), SHARD)
    assert row.status == "ok"
    assert row.shard == SHARD
    assert row.sha256 == "ab12"


def test_a_prepared_video_is_counted() -> None:
    row = VideoRow.prepared(prepared_video(40), SHARD)
    assert row.tracks == 1
    assert row.frames == 40
    assert row.segments == 2  # of 16 frames; the last 8 frames fill none
    assert row.duration == 1.6  # 40 frames at 25 frames a second


def test_the_reason_of_a_failure_is_on_one_line() -> None:
    row = VideoRow.failed(INFO, "corrupt", "first\n  second\tthird")
    assert row.status == "corrupt"
    assert row.reason == "first second third"


def test_a_failed_video_has_no_frames() -> None:
    assert VideoRow.failed(INFO, "corrupt", "x").frames == 0


def test_columns_are_in_the_order_of_the_table() -> None:
    columns = VideoRow.failed(INFO, "corrupt", "x").as_columns()
    assert list(columns) == list(VIDEO_COLUMNS)


def test_columns_carry_what_the_dataset_says() -> None:
    columns = VideoRow.failed(INFO, "corrupt", "x").as_columns()
    assert columns["id"] == "a"
    assert columns["label"] == 1
    assert json.loads(columns["periods"]) == [[0.0, 1.0, 1, -1]]


def test_a_row_is_read_from_its_columns() -> None:
    row = VideoRow.prepared(prepared_video(16), SHARD)
    assert VideoRow.from_columns(row.as_columns()) == row


def test_columns_that_are_missing_are_at_their_defaults() -> None:
    columns = {
        "id": "a",
        "path": "/in/a.mp4",
        "status": "ok",
    }
    info = VideoInfo(id="a", path="/in/a.mp4")
    assert VideoRow.from_columns(columns) == VideoRow(info, "ok")


@pytest.mark.parametrize(
    "columns",
    [
        {"id": "a"},
        {"id": "a", "path": "a", "odd": 1},
    ],
    ids=["too few", "one unknown"],
)
def test_values_that_are_no_row_are_refused(columns: dict[str, str]) -> None:
    with pytest.raises((TypeError, ValueError)):
        VideoRow.from_columns(columns)
