"""Training on genuine videos alone, with forged copies of their windows."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from safetensors.numpy import load_file

from avdf.cache.core.errors import RunError, SettingsError
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Forger
from avdf.model.runs.basis import rests_on
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.log import read_log
from avdf.model.training.progress import TrainProgress
from avdf.model.training.start import train
from avdf.model.verdicts import PerVerdict
from avdf.pipeline.synthetic.pair_options import PairOptions
from tests.helpers.pair_shards import write_pair_shard
from tests.helpers.prepared import grey_video, write_shard
from tests.helpers.tiny_run import TINY_SETTINGS

MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="module")
def genuine_shards(make_once: MakeOnce) -> Path:
    """12 genuine synthetic videos to train on, 4 to validate."""

    def fill(folder: Path) -> None:
        kinds = ("genuine",)
        train = PairOptions(persons=6, seconds=1.6, kinds=kinds, split="train")
        val = PairOptions(2, 1.6, first_person=9, kinds=kinds, split="val")
        write_pair_shard(folder / "shards", train, val)

    return make_once("genuine", fill) / "shards"


def config_of(*settings: str) -> RunConfig:
    given = ("data.forge=true", "training.epochs=2", *settings)
    return load_config(None, [*TINY_SETTINGS, *given])


def comparable_log(run: Path) -> list[dict[str, object]]:
    lines = read_log(RunFolder(run).log)
    return [{k: v for k, v in line.items() if "per_second" not in k} for line in lines]


@pytest.fixture(scope="module")
def forged_run(genuine_shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("forged") / "run"
    train(genuine_shards, out, config_of("data.augment=standard"))
    return out


@pytest.fixture(scope="module")
def info(forged_run: Path) -> CheckpointInfo:
    return read_checkpoint_info(RunFolder(forged_run).best)


def test_all_verdicts_are_trained_without_a_fake(info: CheckpointInfo) -> None:
    assert info.trained == ("visual", "audio", "video", "matching")
    assert info.data["forged"]["genuine_alone"] is True


def test_validation_has_figures_thresholds_and_a_warning(info: CheckpointInfo) -> None:
    areas = [info.validation[f"auc_{name}"] for name in ("visual", "audio", "video")]
    assert all(area is not None for area in areas)
    assert info.notes[0].startswith("validation has no fake video: ")
    assert info.reference is not None and info.reference.videos == 4


def test_the_run_says_what_it_rests_on(info: CheckpointInfo) -> None:
    line = rests_on(info, info.thresholds)
    assert "and forgeries made of these genuine videos (self_blend, " in line
    assert "4 validation videos and forgeries made of them" in line


def test_a_resumed_run_is_that_of_one_go(
    genuine_shards: Path, forged_run: Path, tmp_path: Path
) -> None:
    config = config_of("data.augment=standard", "training.checkpoint_steps=2")

    def interrupt(now: TrainProgress) -> None:
        if now.step == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(genuine_shards, tmp_path / "run", config, on_progress=interrupt)
    train(genuine_shards, tmp_path / "run", config, resume=True)
    assert comparable_log(tmp_path / "run") == comparable_log(forged_run)
    ours, theirs = (
        load_file(RunFolder(run).last.with_suffix(".safetensors"))
        for run in (tmp_path / "run", forged_run)
    )
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_other_forgers_are_another_run(genuine_shards: Path, tmp_path: Path) -> None:
    config = config_of("data.forgers=self_blend,drift", "training.epochs=1")
    outcome = train(genuine_shards, tmp_path / "run", config)
    info = read_checkpoint_info(RunFolder(tmp_path / "run").best)
    assert info.data["forged"]["forgers"] == ["self_blend", "drift"]
    # Nothing makes the sound fake.
    assert info.trained == ("visual", "video", "matching")
    assert any("the audio verdict is not trained" in note for note in outcome.notes)


def test_damaged_crops_are_replaced_on_both_sides(
    genuine_shards: Path, tmp_path: Path
) -> None:
    shards = shutil.copytree(genuine_shards, tmp_path / "shards")
    (path,) = shards.glob("*.h5")
    with h5py.File(path, "r+") as file:
        # In the middle of each of the first six videos, which have 40 rows.
        for row in range(20, 240, 40):
            first, stop = file["frames/offset"][[row, row + 1]].astype(int)
            file["frames/bytes"][first:stop] = 0
    train(shards, tmp_path / "run", config_of("training.epochs=1"))
    run = RunFolder(tmp_path / "run")
    assert len(read_log(run.log)) == 6
    # Each damaged window was tried twice: as it is, and for its forged copy.
    names = [line["id"] for line in read_log(run.damaged)]
    assert names and all(names.count(name) % 2 == 0 for name in names)


def refusing(share: float) -> Forger:
    """A forger that refuses this share of the windows."""

    def change(footage: Footage, generator: np.random.Generator) -> Footage:
        if generator.random() < share:
            raise CannotForge("it is too still")
        return replace(footage, frames=footage.frames // 2)

    return Forger("refusing", "darker", PerVerdict(1, 0, 1), change)


def test_a_window_that_cannot_be_forged_is_not_called_damaged(
    genuine_shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avdf.model.forging.catalogue.FORGERS", (refusing(0.5),))
    outcome = train(genuine_shards, tmp_path / "run", config_of("training.epochs=1"))
    assert not RunFolder(tmp_path / "run").damaged.exists()
    assert not any("could not be read" in note for note in outcome.notes)


def test_where_nothing_can_be_forged_the_run_says_so(
    genuine_shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avdf.model.forging.catalogue.FORGERS", (refusing(1.0),))
    with pytest.raises(
        RunError, match=r"too still; 20 other .* \(data\.forgers\)"
    ) as told:
        train(genuine_shards, tmp_path / "run", config_of())
    assert "verify" not in str(told.value)


def test_without_a_genuine_video_forging_is_refused(tmp_path: Path) -> None:
    fakes = [grey_video(f"v{n}", label=1, split="train") for n in range(4)]
    write_shard(tmp_path / "shards", *fakes)
    with pytest.raises(SettingsError, match="no training video is labelled real"):
        train(tmp_path / "shards", tmp_path / "run", config_of())


def test_a_sampling_without_pairs_is_refused(tmp_path: Path) -> None:
    videos = [grey_video(f"v{n}", label=n % 2, split="train") for n in range(4)]
    write_shard(tmp_path / "shards", *videos)
    with pytest.raises(SettingsError, match="balanced or paired, not natural"):
        train(
            tmp_path / "shards",
            tmp_path / "run",
            config_of("data.sampling=natural"),
        )


def test_an_unknown_forger_is_refused_before_anything_is_loaded(
    genuine_shards: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="did you mean self_blend"):
        train(genuine_shards, tmp_path / "run", config_of("data.forgers=self-blend"))
    assert not (tmp_path / "run").exists()
