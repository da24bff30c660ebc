"""Training on shards in which all videos lack the same modality, or some lack one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import ABSENT
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.video import PreparedVideo, Track
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.folder import RunFolder
from avdf.model.training.distributed import Ranks
from avdf.model.training.start import train
from avdf.model.training.training_set import load_training_set
from avdf.model.training.window_sampler import WindowSampler
from tests.helpers.prepared import grey_track, grey_video, write_shard
from tests.helpers.tiny_run import TINY_SETTINGS

ROWS = 32


def video(number: int, kind: str) -> PreparedVideo:
    """The even ones are real, the odd ones fake; every fourth pair is for validation."""
    pcm = np.random.default_rng(number).integers(-9000, 9000, ROWS * SAMPLES_PER_FRAME)
    samples = pcm.astype(np.int16)
    track = Track.of_sound(samples, segment_log_mel(samples))
    if kind == "picture":
        track = grey_track(ROWS, pcm=np.zeros_like(samples), has_audio=False)
    if kind == "both":
        track = replace(grey_track(ROWS, pcm=samples), log_mel=track.log_mel)
    label = number % 2
    return grey_video(
        f"{kind}-{number}",
        [track],
        split="val" if number >= 6 else "train",
        label=label,
        label_visual=-1 if kind == "sound" else label,
        label_audio=-1 if kind == "picture" else label,
    )


def shards_of(folder: Path, *kinds: str) -> Path:
    videos = [video(number, kind) for kind in kinds for number in range(8)]
    write_shard(folder / "shards", *videos)
    return folder / "shards"


def config_of(*settings: str) -> RunConfig:
    return load_config(None, [*TINY_SETTINGS, *settings])


@pytest.mark.parametrize(
    ("kind", "trained", "missing"),
    [("sound", ("audio",), "a picture"), ("picture", ("visual",), "sound")],
)
def test_where_one_modality_is_missing_the_other_is_trained(
    kind: str, trained: tuple[str, ...], missing: str, tmp_path: Path
) -> None:
    outcome = train(shards_of(tmp_path, kind), tmp_path / "run", config_of())
    info = read_checkpoint_info(RunFolder(tmp_path / "run").best)
    assert info.trained == trained
    said = [note for note in outcome.notes if "not trained" in note]
    assert len(said) == 1
    assert said[0].startswith(f"no training video has {missing}: ")
    assert outcome.validation[f"auc_{trained[0]}"] is not None
    assert outcome.validation["auc_video"] is None


def test_a_branch_that_has_nothing_to_train_on_is_refused(tmp_path: Path) -> None:
    shards = shards_of(tmp_path, "sound")
    config = config_of("model.branches=visual")
    with pytest.raises(SettingsError, match=r"use model\.branches=audio"):
        train(shards, tmp_path / "run", config)


def test_a_branch_trains_on_what_has_its_modality(tmp_path: Path) -> None:
    config = config_of("model.branches=audio")
    train(shards_of(tmp_path, "sound"), tmp_path / "run", config)
    info = read_checkpoint_info(RunFolder(tmp_path / "run").best)
    assert "audio" in info.trained


def test_each_window_is_labelled_by_what_it_has(tmp_path: Path) -> None:
    config = config_of("data.batch_size=24", "data.sampling=natural")
    data = load_training_set(shards_of(tmp_path, "both", "picture", "sound"), config)
    sampler = WindowSampler(data, config, Ranks())
    (windows,) = sampler.windows(sampler.batches(1)[:1], 1, 0)
    labels = sampler.labels(windows)
    names = [data.train[window.video].info.id for window in windows]
    present = {"both": (1, 1, 1), "picture": (0, 1, 0), "sound": (0, 0, 1)}
    for name, row in zip(names, labels, strict=True):
        known = torch.tensor(present[name.partition("-")[0]], dtype=torch.bool)
        assert (row[known] == int(name[-1]) % 2).all()
        assert (row[~known] == ABSENT).all()
    assert len({name.partition("-")[0] for name in names}) == 3
