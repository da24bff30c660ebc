"""A damaged crop is a row of the scores; training counts it and reads another segment."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.core.errors import RunError, SegmentError
from avdf.cache.shards.reader import Shard
from avdf.cache.stream.index import VideoRef, list_shard_videos
from avdf.cache.stream.silence import silence_in_shards
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.log import read_log
from avdf.model.training.progress import TrainProgress
from avdf.model.training.start import train
from tests.helpers.command import call


def damaged_copy(shards: Path, out: Path, rows: dict[str, range]) -> Path:
    """A copy of shards in which crops of some first tracks are overwritten: id -> rows."""
    shutil.copytree(shards, out)
    for video in list_shard_videos(out):
        if video.info.id in rows:
            _overwrite(video, rows[video.info.id])
    return out


def _overwrite(video: VideoRef, rows: range) -> None:
    with h5py.File(video.shard, "r+") as file:
        edges = file["frames/offset"][:].astype(int)
        for row in rows:
            at = video.tracks[0].row + row
            file["frames/bytes"][edges[at] : edges[at + 1]] = 0


@pytest.fixture(scope="module")
def of_split(shards: Path) -> dict[str, list[VideoRef]]:
    found: dict[str, list[VideoRef]] = {}
    for video in list_shard_videos(shards):
        found.setdefault(video.info.split, []).append(video)
    return found


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--timeline",),
        ("--perturb", "noise:1"),
    ],
)
def test_a_damaged_video_is_a_row_of_the_scores(
    options: tuple[str, ...],
    run: Path,
    shards: Path,
    of_split: dict[str, list[VideoRef]],
    tmp_path: Path,
) -> None:
    lost = of_split["test"][1].info.id
    copy = damaged_copy(shards, tmp_path / "shards", {lost: range(20, 21)})
    code, text = call("score", run, copy, "--out", tmp_path / "out", *options)
    assert code == 3 and "5 of 6 videos scored" in text
    with (tmp_path / "out" / "videos.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert len(rows) == 6 and {
        row["status"] for name, row in rows.items() if name != lost
    } == {"ok"}
    row = rows[lost]
    assert row["status"] == "damaged" and row["p_video"] == row["verdict"] == ""
    assert "crop of row" in row["reason"] and "cannot be decoded" in row["reason"]


def test_sound_that_cannot_be_read_is_no_silence_and_ends_nothing(
    shards: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    videos = list_shard_videos(shards)[:2]
    read = Shard.pcm

    def pcm(shard: Shard, row: int, count: int) -> npt.NDArray[np.int16]:
        if row == videos[0].tracks[0].row:
            raise SegmentError("a chunk cannot be read")
        return read(shard, row, count)

    monkeypatch.setattr(Shard, "pcm", pcm)
    found = silence_in_shards(videos)
    assert np.isnan(found[0]) and np.isfinite(found[1])


class Killed(BaseException):
    pass


@pytest.mark.parametrize(
    "killed",
    [
        (3, True),
        (5, False),
    ],
    ids=["after validation", "within an epoch"],
)
def test_training_replaces_what_cannot_be_read_and_repeats_itself(
    killed: tuple[int, bool],
    shards: Path,
    of_split: dict[str, list[VideoRef]],
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    whole, part = of_split["train"][0], of_split["train"][4]
    validation = of_split["val"][0]
    rows = {
        whole.info.id: range(whole.tracks[0].rows),
        part.info.id: range(10, 12),
        validation.info.id: range(3, 4),
    }
    copy = damaged_copy(shards, tmp_path / "shards", rows)
    config = replace(
        tiny_config,
        training=replace(tiny_config.training, checkpoint_steps=1),
    )
    train(copy, tmp_path / "run", config)
    damage = read_log(tmp_path / "run" / "damaged.jsonl")
    assert {line["id"] for line in damage} >= {whole.info.id, validation.info.id} and {
        1,
        2,
    } == {line["epoch"] for line in damage}
    assert all("cannot be decoded" in line["reason"] for line in damage)
    info = read_checkpoint_info(tmp_path / "run" / "last")
    assert any(
        f"{len(damage)} times a segment could not be read" in note
        for note in info.notes
    )

    def stop(progress: TrainProgress) -> None:
        if (progress.step, bool(progress.validation)) == killed:
            raise Killed

    with pytest.raises(Killed):
        train(copy, tmp_path / "again", config, on_progress=stop)
    train(copy, tmp_path / "again", config, resume=True)
    losses = [
        [line["loss"] for line in read_log(tmp_path / name / "log.jsonl")]
        for name in ("run", "again")
    ]
    assert losses[0] == losses[1] and len(losses[0]) == 6
    assert read_log(tmp_path / "again" / "damaged.jsonl") == damage
    assert read_checkpoint_info(tmp_path / "again" / "last").notes == info.notes


def test_where_nothing_can_be_read_training_ends(
    shards: Path,
    of_split: dict[str, list[VideoRef]],
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    rows = {video.info.id: range(video.tracks[0].rows) for video in of_split["train"]}
    copy = damaged_copy(shards, tmp_path / "shards", rows)
    with pytest.raises(RunError, match="cannot be read either"):
        train(copy, tmp_path / "run", tiny_config)
