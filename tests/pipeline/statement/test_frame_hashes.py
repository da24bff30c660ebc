"""Exact repetitions among frames."""

from pathlib import Path

import pytest

from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.settings import Limits
from avdf.pipeline.statement import frame_hashes
from avdf.pipeline.statement.file_statement import FrameRun
from avdf.pipeline.statement.frame_hashes import compare_hashes, read_repeated_frames
from tests.helpers.lavfi import generated, make

PROGRAM = find_tool("ffmpeg").path


def test_runs_and_later_repetitions_are_told_apart() -> None:
    hashes = [b"a", b"b", b"b", b"b", b"c", b"a", b"d", b"d"]
    found = compare_hashes(hashes, [index / 10 for index in range(8)], is_all=True)
    assert found.runs == (FrameRun(0.1, 3), FrameRun(0.6, 2))
    assert (found.examined, found.repeats, found.later_again) == (8, 3, 1)


def test_different_frames_do_not_repeat() -> None:
    found = compare_hashes([b"a", b"b"], [0.0, 0.1], is_all=True)
    assert (found.repeats, found.later_again, found.runs) == (0, 0, ())
    assert compare_hashes([], [], is_all=True).examined == 0


@pytest.fixture(scope="module")
def raised_rate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of 25 frames, each stored twice: the rate was raised without new frames."""
    folder = tmp_path_factory.mktemp("frames")
    video = generated("testsrc2=size=64x64:rate=25:duration=1")
    options = "-vf fps=50 -c:v ffv1"
    return make(folder / "a.mkv", video, options=options)


def test_frames_that_are_stored_twice_are_found(raised_rate: Path) -> None:
    found = read_repeated_frames(raised_rate, PROGRAM, 0, Limits())
    assert found.examined == 50 and found.is_all
    assert found.repeats == 25 and found.later_again == 0
    assert all(run.frames == 2 for run in found.runs)


def test_the_work_is_bounded(
    raised_rate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_hashes, "MOST_FRAMES", 20)
    found = read_repeated_frames(raised_rate, PROGRAM, 0, Limits())
    assert found.examined == 20 and not found.is_all


def test_what_cannot_be_decoded_has_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no media")
    found = read_repeated_frames(path, PROGRAM, 0, Limits())
    assert found.examined == 0 and not found.is_all
