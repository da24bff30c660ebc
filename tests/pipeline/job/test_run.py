"""The job around preparation: folders that are finished, interrupted, extended, refused."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.codec import FrameCodec
from avdf.pipeline.job.progress import PrepProgress
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import FaceSettings, Limits, PrepSettings
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.listing import Listing
from tests.helpers.tables import read_table

TWO_A_SHARD = PrepSettings(videos_per_shard=2)


def content(folder: Path) -> dict[str, bytes]:
    """Name -> bytes of the shards and tables of a folder."""
    paths = [path for path in sorted(folder.glob("*.[hc]*")) if path.is_file()]
    return {path.name: path.read_bytes() for path in paths}


@pytest.fixture
def listing(synthetic_manifest: Path) -> Listing:
    return list_videos([synthetic_manifest])


def first(listing: Listing, count: int) -> Listing:
    """The first videos of a listing."""
    return Listing("part", listing.videos[:count])


def test_videos_csv_lists_every_input_once(
    shards: Path,
    synthetic_manifest: Path,
) -> None:
    rows = read_table(shards / "videos.csv")
    listed = [row["path"] for row in read_table(synthetic_manifest)]
    assert [row["id"] for row in rows] == listed
    assert {row["status"] for row in rows} == {"ok"}
    assert {row["faces"] for row in rows} == {"1"}


@pytest.mark.usefixtures("in_this_process")
def test_a_finished_folder_is_left_as_it_is(listing: Listing, tmp_path: Path) -> None:
    part = first(listing, 2)
    assert run_prep(part, tmp_path, TWO_A_SHARD, workers=1).new == 2
    before = content(tmp_path)
    assert run_prep(part, tmp_path, TWO_A_SHARD, workers=1).new == 0
    assert content(tmp_path) == before


@pytest.mark.usefixtures("in_this_process")
def test_new_videos_extend_a_folder_and_leave_its_shards(
    listing: Listing,
    tmp_path: Path,
) -> None:
    run_prep(first(listing, 2), tmp_path, TWO_A_SHARD, workers=1)
    before = content(tmp_path)
    result = run_prep(first(listing, 4), tmp_path, TWO_A_SHARD, workers=1)
    assert result.new == 2
    assert result.statuses == {"ok": 4}
    after = content(tmp_path)
    assert after["shard-00000.h5"] == before["shard-00000.h5"]


@pytest.mark.usefixtures("in_this_process")
def test_other_settings_are_refused_with_the_difference(
    listing: Listing,
    tmp_path: Path,
) -> None:
    part = first(listing, 1)
    run_prep(part, tmp_path, PrepSettings(), workers=1)
    face = replace(FaceSettings(), margin=1.5)
    other = PrepSettings(codec=FrameCodec(quality=80), face=face)
    with pytest.raises(
        SettingsError,
        match=r"codec.quality 95, now 80; face.margin 1.3, now 1.5",
    ):
        run_prep(part, tmp_path, other, workers=1)


@pytest.fixture
def with_failures(listing: Listing, tmp_path: Path) -> Listing:
    """A good video, one that comes late, and one that is no video."""
    names = ("late.mp4", "bad.mp4")
    late, bad = (VideoInfo(id=name, path=str(tmp_path / name)) for name in names)
    bad.file.write_bytes(b"no video")
    return Listing("x", (listing.videos[0], late, bad))


@pytest.mark.usefixtures("in_this_process")
def test_failures_are_rows(with_failures: Listing, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run_prep(with_failures, out, PrepSettings(), workers=1)
    assert result.statuses == {"ok": 1, "missing": 1, "corrupt": 1}
    ids = [row["id"] for row in read_table(out / "videos.csv")]
    assert ids == [video.id for video in with_failures.videos]


@pytest.mark.usefixtures("in_this_process")
def test_failures_are_tried_again_only_when_asked_for(
    with_failures: Listing,
    tmp_path: Path,
) -> None:
    good, late, _ = with_failures.videos
    out = tmp_path / "out"
    run_prep(with_failures, out, PrepSettings(), workers=1)
    late.file.write_bytes(good.file.read_bytes())
    assert run_prep(with_failures, out, PrepSettings(), workers=1).new == 0
    result = run_prep(with_failures, out, PrepSettings(), workers=1, retry_failed=True)
    assert result.new == 2
    assert result.statuses == {"ok": 2, "corrupt": 1}


@pytest.mark.usefixtures("in_this_process")
def test_a_job_that_is_killed_and_started_again_ends_the_same(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    lines = synthetic_manifest.read_text(encoding="utf-8").splitlines()[:9]
    part = synthetic_manifest.with_name("part.csv")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    kill_after_first_task(part, broken)
    for out in (broken, whole):
        run_prep(list_videos([part]), out, TWO_A_SHARD, workers=2)
    assert content(broken) == content(whole)
    assert not list(broken.rglob("*.partial"))


def kill_after_first_task(source: Path, out: Path) -> None:
    """Run a job in a process of its own and kill it when its first task is marked."""
    command = [sys.executable, "-c", _PREP, str(source), str(out)]
    process = subprocess.Popen(command, start_new_session=True)
    while not list(out.glob("tasks/*.json")):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


_PREP = """
import sys
from pathlib import Path
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
if __name__ == "__main__":
    listing, out = list_videos([Path(sys.argv[1])]), Path(sys.argv[2])
    run_prep(listing, out, PrepSettings(videos_per_shard=2), workers=2)
"""


def test_a_worker_that_dies_costs_one_video(listing: Listing, tmp_path: Path) -> None:
    """The worker is killed at its second video: that one is given up, the others are done."""
    part = first(listing, 3)
    killed: list[int] = []

    def kill_at_second_video(progress: PrepProgress) -> None:
        if progress.begun == 2 and not killed:
            killed.extend(workers_of_this_process())
            for worker in killed:
                os.kill(worker, signal.SIGKILL)

    settings = PrepSettings(videos_per_shard=3)
    result = run_prep(
        part,
        tmp_path,
        settings,
        workers=1,
        on_progress=kill_at_second_video,
    )
    assert result.statuses == {"ok": 2, "crashed": 1}
    (failed,) = result.failed
    assert failed.id == part.videos[1].id
    assert "SIGKILL" in failed.reason


def workers_of_this_process() -> list[int]:
    """Process ids of this process' workers."""
    return [child.pid for child in multiprocessing.active_children() if child.pid]


def test_workers_end_with_a_job_that_is_killed(
    synthetic_manifest: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _STOPPED_PREP, str(synthetic_manifest)]
    process = subprocess.Popen([*command, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        workers = [int(word) for word in process.stdout.readline().split()]
    assert all(Path(f"/proc/{worker}").exists() for worker in workers)
    # Only the job itself: nothing else tells its workers that it has ended.
    process.kill()
    process.wait()
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        time.sleep(0.02)
    assert len(workers) == 2


_STOPPED_PREP = """
import multiprocessing, sys, time
from pathlib import Path
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos

def stop(progress):
    print(*[worker.pid for worker in multiprocessing.active_children()], flush=True)
    time.sleep(600)

if __name__ == "__main__":
    listing, out = list_videos([Path(sys.argv[1])]), Path(sys.argv[2])
    settings = PrepSettings(videos_per_shard=2)
    run_prep(listing, out, settings, workers=2, on_progress=stop)
"""


def test_workers_have_the_environment_of_their_own_job(
    listing: Listing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later job in one process: what its workers are copied from is older than the change."""
    one = first(listing, 1)
    run_prep(one, tmp_path / "before", PrepSettings(), workers=1)
    monkeypatch.setenv("AVDF_FFMPEG", "/nowhere/ffmpeg")
    result = run_prep(one, tmp_path / "after", PrepSettings(), workers=1)
    (failed,) = result.failed
    assert "AVDF_FFMPEG is /nowhere/ffmpeg" in failed.reason


def test_a_folder_that_cannot_be_written_is_refused(
    listing: Listing,
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"cannot be made .*name another output folder"
    ):
        run_prep(listing, tmp_path / "file" / "out", PrepSettings())


def test_settings_are_checked_when_built() -> None:
    for make in (
        lambda: PrepSettings(faces="some"),  # type: ignore[arg-type]
        lambda: Limits(seconds=0),
        lambda: FaceSettings(margin=0.9),
        lambda: FaceSettings(refine_stride=99),
        lambda: FrameCodec(quality=0),
    ):
        with pytest.raises(SettingsError):
            make()
