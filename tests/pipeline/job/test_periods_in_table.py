"""Manipulated periods of a video that could not be prepared stand in the table of inputs."""

import pytest

from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.periods import parse_periods, periods_text
from avdf.cache.core.video import Period, VideoInfo
from avdf.pipeline.job.video_row import VideoRow

PERIODS = (Period(0.25, 1.5, FAKE, REAL), Period(2.0, 3.0))


def test_the_row_of_a_failed_video_keeps_its_periods() -> None:
    info = VideoInfo(id="a", path="a", label=FAKE, periods=PERIODS)
    row = VideoRow.failed(info, "no_face", "none")
    assert parse_periods(row.periods_text) == PERIODS


def test_no_period_is_an_empty_cell() -> None:
    assert periods_text(()) == "" and parse_periods("") == ()


@pytest.mark.parametrize("text", ["[1]", "[[1, 2]]", "{", "[[2, 1, 0, 0]]"])
def test_a_cell_that_holds_no_periods_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_periods(text)
