"""Videos prepared ahead of the one that is asked for."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline import ahead
from avdf.pipeline.ahead import preparing
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos

SETTINGS = PrepSettings()


@pytest.fixture(scope="module")
def videos(synthetic_manifest: Path) -> tuple[VideoInfo, ...]:
    """Five synthetic clips."""
    return tuple(list_videos([synthetic_manifest]).videos[:5])


@contextmanager
def computing_with(threads: int) -> Iterator[None]:
    """Within the block, PyTorch computes with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def threads_of_preparation() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("prepare")]


def test_videos_come_in_order_and_are_those_that_a_worker_of_prep_makes(
    videos: tuple[VideoInfo, ...], detector: FaceDetector
) -> None:
    # Detection differs in the last bits by the number of threads.
    with computing_with(2), preparing(videos, SETTINGS) as prepared:
        found = list(prepared)
    assert [video.info.id for video in found] == [info.id for info in videos]
    with computing_with(1):
        alone = attempt_video(videos[4], SETTINGS, detector)
    together = found[4]
    assert isinstance(alone, PreparedVideo)
    assert isinstance(together, PreparedVideo)
    (one,), (other,) = alone.tracks, together.tracks
    assert list(one.crops) == list(other.crops)
    np.testing.assert_array_equal(one.boxes, other.boxes)
    np.testing.assert_array_equal(one.log_mel, other.log_mel)


def test_what_cannot_be_prepared_is_a_result_too(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    with preparing(list_videos([tmp_path]).videos, SETTINGS) as prepared:
        (found,) = prepared
    assert isinstance(found, Unprepared)


def test_at_the_end_of_the_block_nothing_goes_on(
    videos: tuple[VideoInfo, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def attempt(info: VideoInfo, *rest: object, **more: object) -> object:
        begun.append(info.id)
        return attempt_video(info, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ahead, "attempt_video", attempt)
    monkeypatch.setattr(ahead, "threads_per_process", lambda: 2)
    with preparing(videos, SETTINGS):
        assert threads_of_preparation()
    assert not threads_of_preparation()
    assert len(begun) <= 2


def test_no_more_videos_are_begun_than_are_taken(
    videos: tuple[VideoInfo, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def attempt(info: VideoInfo, *_: object, **__: object) -> Unprepared:
        begun.append(info.id)
        return Unprepared(info, "no_face", "")

    monkeypatch.setattr(ahead, "attempt_video", attempt)
    monkeypatch.setattr(ahead, "threads_per_process", lambda: 2)
    with preparing(videos, SETTINGS) as prepared:
        next(prepared)
    assert 2 <= len(begun) <= 3


def test_random_numbers_of_others_stay_as_they_are(
    videos: tuple[VideoInfo, ...],
) -> None:
    torch.manual_seed(4)
    wanted = torch.rand(2).tolist()
    with preparing(videos[:1], SETTINGS) as prepared:
        torch.manual_seed(4)
        first = torch.rand(1).item()
        next(prepared)
        assert [first, torch.rand(1).item()] == wanted


def test_each_preparing_thread_computes_on_one_core_and_others_on_all(
    videos: tuple[VideoInfo, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def attempt(info: VideoInfo, *_: object, **__: object) -> Unprepared:
        return Unprepared(info, "no_face", str(torch.get_num_threads()))

    monkeypatch.setattr(ahead, "attempt_video", attempt)
    monkeypatch.setattr(ahead, "threads_per_process", lambda: 2)
    with computing_with(3):
        with preparing(videos, SETTINGS) as prepared:
            inside = [
                video.reason for video in prepared if isinstance(video, Unprepared)
            ]
        with ThreadPoolExecutor(1) as new_thread:
            elsewhere = new_thread.submit(torch.get_num_threads).result()
        assert inside == ["1"] * 5
        assert (torch.get_num_threads(), elsewhere) == (3, 3)


def test_without_videos_there_is_nothing_to_do() -> None:
    with preparing((), SETTINGS) as prepared:
        assert not list(prepared)


def test_whoever_waits_is_told_how_far_the_file_is(
    videos: tuple[VideoInfo, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second long wait is made of a hundredth of one."""
    monkeypatch.setattr(ahead, "_SECONDS_BETWEEN_REPORTS", 0.01)
    told: list[tuple[str, float]] = []
    with preparing(
        videos[:2],
        SETTINGS,
        on_wait=lambda info, seconds: told.append((info.id, seconds)),
    ) as prepared:
        found = [video.info.id for video in prepared]

    names = [name for name, _ in told]
    assert names == sorted(names, key=found.index)
    of_first = [seconds for name, seconds in told if name == found[0]]
    assert of_first == sorted(of_first)
    # The clip is 3 s long: before its end, something of it has been read.
    assert 0 < of_first[-1] < 3.1
