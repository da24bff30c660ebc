"""Verifying shards: each problem is named, with its video."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache.files.digest import file_sha256
from avdf.cache.shards.verify import verify_folder, verify_shard, verify_shards
from tests.helpers.prepared import grey_video, write_shard

Damage = Callable[[h5py.File], None]


def too_short_audio(file: h5py.File) -> None:
    file["audio/pcm"].resize(1000, axis=0)


def offsets_out_of_order(file: h5py.File) -> None:
    file["frames/offset"][3] = 0


def damaged_crops(file: h5py.File) -> None:
    start, end = file["frames/offset"][60:62].astype(int)
    file["frames/bytes"][start:end] = 7


def moved_segment(file: h5py.File) -> None:
    file["segments/frame"][1] = 5


def infinite_log_mel(file: h5py.File) -> None:
    file["segments/log_mel"][3, 0, 0] = np.inf


def infinite_box(file: h5py.File) -> None:
    file["frames/box"][3, 0] = np.nan


def test_a_proper_shard_has_no_problems(shard: Path) -> None:
    assert list(verify_shard(shard)) == []


@pytest.mark.parametrize(
    ("damage", "video", "message"),
    [
        (too_short_audio, "", "audio/pcm has 1000 rows, expected 45440"),
        (offsets_out_of_order, "", "does not run forward"),
        (damaged_crops, "b.mp4", "crop of row 60"),
        (moved_segment, "", "consecutive windows"),
        (infinite_log_mel, "b.mp4", "log-mel of segment 3 is not finite"),
        (infinite_box, "", "frames/box holds values that are not finite"),
    ],
)
def test_a_problem_is_named_with_its_video(
    shard: Path,
    damage: Damage,
    video: str,
    message: str,
) -> None:
    with h5py.File(shard, "r+") as file:
        damage(file)
    (problem,) = verify_shard(shard)
    assert problem.video == video
    assert message in problem.what
    assert problem.rebuild


def test_a_video_in_two_shards_is_a_problem_of_the_second(tmp_path: Path) -> None:
    paths = [write_shard(tmp_path, grey_video("a"), index=index) for index in range(2)]
    (problem,) = verify_shards(paths)
    assert (problem.shard, problem.video) == (paths[1], "a")
    assert "is in shard-00000.h5 too" in problem.what


def test_an_unreadable_shard_does_not_hide_the_problems_of_others(
    tmp_path: Path,
) -> None:
    broken = tmp_path / "shard-00000.h5"
    broken.write_bytes(b"hello")
    whole = write_shard(tmp_path, grey_video("a"), index=1)
    (problem,) = verify_shards([broken, whole])
    assert problem.shard == broken
    assert "not a readable HDF5 file" in problem.what


def test_a_folder_without_table_and_plan_is_complete(tmp_path: Path) -> None:
    assert verify_folder(tmp_path, [write_shard(tmp_path, grey_video("a"))]) == []


def test_a_table_that_cannot_be_read_is_a_fault_of_the_folder(tmp_path: Path) -> None:
    path = write_shard(tmp_path, grey_video("a"))
    (tmp_path / "videos.csv").write_text("id\n", encoding="utf-8")
    (fault,) = verify_folder(tmp_path, [path])
    assert "no column path" in fault


def shard_of_file(folder: Path, source: Path, stored_path: str) -> Path:
    """A shard whose only video claims to be made from a file."""
    video = grey_video("a")
    info = replace(video.info, path=stored_path)
    return write_shard(folder, replace(video, info=info, sha256=file_sha256(source)))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"content")
    return path


def test_a_source_that_is_unchanged_is_no_problem(source: Path, tmp_path: Path) -> None:
    path = shard_of_file(tmp_path, source, str(source))
    assert list(verify_shard(path, sources=True)) == []


def test_a_source_that_has_changed_is_a_problem(source: Path, tmp_path: Path) -> None:
    path = shard_of_file(tmp_path, source, str(source))
    source.write_bytes(b"other content")
    (problem,) = verify_shard(path, sources=True)
    assert "the source has changed since it was prepared" in problem.what
    assert problem.rebuild


def test_a_source_that_is_gone_cannot_be_solved_by_a_rebuild(
    source: Path,
    tmp_path: Path,
) -> None:
    path = shard_of_file(tmp_path, source, str(source))
    source.unlink()
    (problem,) = verify_shard(path, sources=True)
    assert "the source is gone" in problem.what
    assert not problem.rebuild


def test_a_name_with_escapes_is_found_by_the_plan(source: Path, tmp_path: Path) -> None:
    real = source.rename(tmp_path / "a\x1b.mp4")
    path = shard_of_file(tmp_path, real, str(real))
    (problem,) = verify_shard(path, sources=True)
    assert "the source cannot be compared: its name is spelled out" in problem.what
    assert list(verify_shard(path, sources=True, planned={"a": str(real)})) == []
