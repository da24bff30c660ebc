"""The videos that a run is trained and validated on."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError, ShardError
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.training.training_set import label_table, load_training_set


def test_the_protocol_chooses_the_videos(shards: Path, tiny_config: RunConfig) -> None:
    data = load_training_set(shards, tiny_config)
    assert (len(data.train), len(data.val)) == (9, 3)
    assert data.assignment.title == "splits given by the dataset"


def test_a_checkpoint_keeps_counts_and_the_hash(
    shards: Path,
    tiny_config: RunConfig,
) -> None:
    data = load_training_set(shards, tiny_config)
    kept = data.as_dict()
    assert (kept["train"], kept["val"]) == (9, 3)
    assert kept["datasets"] == {"manifest": 9}
    assert kept["protocol"]["sha256"] == data.assignment.sha256


def test_labels_have_a_row_for_each_training_video(
    shards: Path,
    tiny_config: RunConfig,
) -> None:
    data = load_training_set(shards, tiny_config)
    assert data.labels.shape == (9, 3)
    for video, row in zip(data.train, data.labels.tolist(), strict=True):
        info = video.info
        assert row == [info.label, info.label_visual, info.label_audio]


def test_no_videos_have_an_empty_table() -> None:
    assert label_table(()).shape == (0, 3)


def test_ranks_share_each_batch(shards: Path, tiny_config: RunConfig) -> None:
    data = load_training_set(shards, tiny_config)
    whole = data.batches(tiny_config, epoch=1)
    shares = [data.batches(tiny_config, 1, rank, world=2) for rank in (0, 1)]
    assert whole.shape == (3, 4)
    assert [share.shape for share in shares] == [(3, 2), (3, 2)]
    assert whole[:, :2].tolist() == shares[0].tolist()
    assert whole[:, 2:].tolist() == shares[1].tolist()


def test_a_folder_without_shards_is_refused(
    tmp_path: Path,
    tiny_config: RunConfig,
) -> None:
    with pytest.raises(ShardError, match="no shards here"):
        load_training_set(tmp_path, tiny_config)


def test_shards_without_training_videos_are_refused(
    shards: Path,
    tmp_path: Path,
) -> None:
    table = tmp_path / "test-only.csv"
    table.write_text("id,split\np0_real.mp4,test\n", encoding="utf-8")
    config = load_config(None, [f"data.protocol={table}"])
    with pytest.raises(SettingsError, match="no video of split `train` among 18"):
        load_training_set(shards, config)
