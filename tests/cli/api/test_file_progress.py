"""How far a long file is, and how much time is left."""

from pathlib import Path

import pytest

from avdf.cache.core.video import VideoInfo
from avdf.events import Event, Progress
from avdf.file_progress import FileProgress
from tests.helpers.media import FlashAndBeep

MISSING = VideoInfo(id="a", path="missing.mp4")


class Watch:
    """A clock that is set by hand, and what was reported."""

    def __init__(self, files: int = 2) -> None:
        self.now = 100.0
        self.events: list[Event] = []
        self.progress = FileProgress(
            self.events.append, "score", files, lambda: self.now
        )

    @property
    def words(self) -> str:
        last = self.events[-1]
        assert isinstance(last, Progress)
        return last.words


def test_the_time_left_follows_from_the_time_that_was_taken() -> None:
    watch = Watch()
    watch.progress.judging(MISSING, 0, 3600)
    watch.now += 60
    watch.progress.judging(MISSING, 900, 3600)

    assert watch.words == "judging missing.mp4: 15:00 of 60:00, about 3:00 left"
    assert str(watch.events[-1]) == f"score: 0 of 2 videos, {watch.words}"


def test_short_work_is_not_spoken_of() -> None:
    watch = Watch()
    watch.progress.judging(MISSING, 1, 3600)
    watch.now += 2
    watch.progress.judging(MISSING, 5, 3600)

    assert watch.events == []


def test_judging_begins_its_own_time() -> None:
    watch = Watch()
    watch.progress.reading(MISSING, 10)
    watch.now += 50
    watch.progress.judging(MISSING, 0, 100)
    watch.now += 10
    watch.progress.judging(MISSING, 50, 100)

    assert watch.words == "judging missing.mp4: 0:50 of 1:40, about 0:10 left"


@pytest.mark.parametrize("seconds", [0, 7200])
def test_without_a_length_there_is_no_time_left(seconds: float) -> None:
    watch = Watch()
    watch.progress.reading(MISSING, 0)
    watch.now += 30
    watch.progress.reading(MISSING, seconds)

    minutes = f"{round(seconds) // 60}:00"
    assert watch.words == f"reading missing.mp4: {minutes}"


def test_the_length_is_that_of_the_file(tmp_path: Path) -> None:
    path = FlashAndBeep("a.mp4").write(tmp_path)
    watch = Watch()
    watch.progress.reading(VideoInfo(id="a", path=str(path)), 0)
    watch.now += 6
    watch.progress.reading(VideoInfo(id="a", path=str(path)), 1.2)

    assert watch.words.startswith("reading a.mp4: 0:01 of 0:02, about 0:0")


def test_finished_files_are_counted() -> None:
    watch = Watch()
    watch.progress.finished(1)

    assert watch.events == [Progress("score", 1, 2, "videos")]
