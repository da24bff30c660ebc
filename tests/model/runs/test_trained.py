"""Verdicts that the training videos cannot train are not trained and not reported."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.stream.index import list_shard_videos
from avdf.model import Detector
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.log import read_log
from avdf.model.runs.trained import masked_losses, trained_parts
from avdf.model.training.label_classes import find_classes
from avdf.model.training.window_labels import window_label
from avdf.model.verdicts import PerVerdict
from tests.helpers.command import call
from tests.helpers.tiny_run import TINY_OPTIONS

ALL = ("visual", "audio", "video", "matching")


def relabelled(shards: Path, out: Path, change: dict[str, dict[int, int]]) -> Path:
    """A copy of shards without their table.

    change  column -> {label of the video: what the column says instead}
    """
    shutil.copytree(
        shards,
        out,
        ignore=shutil.ignore_patterns("videos.csv", "prep.json"),
    )
    for path in out.glob("shard-*.h5"):
        with h5py.File(path, "r+") as file:
            label = file["videos/label"][:]
            for column, values in change.items():
                known = file[f"videos/{column}"][:]
                for of_video, value in values.items():
                    known[label == of_video] = value
                file[f"videos/{column}"][:] = known
    return out


@pytest.fixture(scope="module")
def whole_labels(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As DFDC and KoDF are labelled: of a fake nobody says whether picture or sound is forged."""
    unknown = {"label_visual": {1: -1}, "label_audio": {1: -1}}
    return relabelled(shards, tmp_path_factory.mktemp("whole") / "shards", unknown)


@pytest.fixture(scope="module")
def whole_run(whole_labels: Path) -> Path:
    code, text = call(
        "train", whole_labels, "--out", whole_labels.parent / "run", *TINY_OPTIONS
    )
    assert code == 0
    assert (
        "warning: the visual verdict is not trained: no training video is known to be fake"
        in text
    )
    assert "warning: the audio verdict is not trained" in text
    return whole_labels.parent / "run"


def test_a_verdict_of_one_class_is_not_reported(
    whole_run: Path,
    whole_labels: Path,
) -> None:
    info = read_checkpoint_info(whole_run / "best")
    assert info.trained == ("video", "matching") and len(info.notes) >= 2
    for line in read_log(whole_run / "log.jsonl"):
        assert line["visual"] is None and line["audio"] is None
        assert line["loss"] == pytest.approx(line["video"] + line["matching"])
    out = whole_labels.parent / "scores"
    code, _ = call("score", whole_run, whole_labels, "--out", out)
    assert code == 0
    with (out / "videos.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    for row in rows:
        assert (
            row["p_visual"]
            == row["verdict_visual"]
            == row["p_audio"]
            == row["verdict_audio"]
            == ""
        )
        assert row["p_video"] and row["verdict"] in ("real", "fake") and row["distance"]
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert (
        metrics["verdicts"]["visual"]["videos"] == 0
        and metrics["verdicts"]["video"]["videos"] == 6
    )


def test_of_a_file_it_is_said_that_the_run_was_not_trained_for_it(
    whole_run: Path,
    synthetic_manifest: Path,
) -> None:
    code, text = call("score", whole_run, synthetic_manifest.parent / "p4_faceswap.mp4")
    assert code == 0
    assert text.count("not judged: this run was not trained for it") == 2
    assert "visual  not judged" in text and "audio   not judged" in text


def test_what_is_not_trained_does_not_change(whole_run: Path) -> None:
    fresh = Detector(
        read_checkpoint_info(whole_run / "last").config.model
    ).trainable_state()
    after = load_file(whole_run / "last.safetensors")
    same = {
        name.partition(".")[0] for name in fresh if (fresh[name] == after[name]).all()
    }
    assert same == {"visual_head", "audio_head"}


def test_an_older_checkpoint_is_judged_by_its_validation_labels(
    whole_run: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    for folder, trained in ((whole_run, ("video", "matching")), (run, ALL)):
        copy = tmp_path / folder.parent.name
        copy.mkdir()
        with safe_open(folder / "best.safetensors", framework="pt") as file:
            info = json.loads(file.metadata()["info"])
        del info["trained"], info["notes"]
        header = {
            "format": "avdf-checkpoint",
            "info": json.dumps({**info, "format_version": 3}),
        }
        save_file(
            load_file(folder / "best.safetensors"), copy / "best.safetensors", header
        )
        assert read_checkpoint_info(copy / "best").trained == trained


def test_nothing_to_train_is_refused(shards: Path, tmp_path: Path) -> None:
    real = relabelled(
        shards,
        tmp_path / "real",
        {name: {1: 0} for name in ("label_visual", "label_audio", "label")},
    )
    words = (
        "train",
        real,
        "--out",
        tmp_path / "run",
        *TINY_OPTIONS,
        "--set",
        "data.sampling=natural",
    )
    code, text = call(*words)
    assert (
        code == 2
        and "cannot train any verdict" in text
        and not (tmp_path / "run").exists()
    )
    branch = relabelled(shards, tmp_path / "unknown", {"label_visual": {1: -1}})
    code, text = call(
        "train",
        branch,
        "--out",
        tmp_path / "run",
        *TINY_OPTIONS,
        "--set",
        "model.branches=visual",
    )
    assert (
        code == 2
        and "no training video is known to be fake by the label of the frames" in text
    )


def test_which_parts_classes_can_train() -> None:
    config = load_config(None)
    both, real, fake = {0, 1}, {0}, {1}
    for video, visual, audio, wanted in (
        (both, both, both, ALL),
        (both, real, real, ("video", "matching")),
        (both, both, real, ("visual", "video", "matching")),
        (real, real, real, ("matching",)),  # matched pairs, and those of other videos
        (
            fake,
            both,
            both,
            ("visual", "audio"),
        ),  # without a real video no pair belongs together
    ):
        classes = PerVerdict(video=set(video), visual=set(visual), audio=set(audio))
        trained = trained_parts(classes, config)
        assert trained == wanted
        masked = masked_losses(config.losses, trained)
        assert {name for name in ALL if getattr(masked, name)} == set(wanted)
    whole = PerVerdict.same(both)
    assert masked_losses(config.losses, trained_parts(whole, config)) == config.losses
    alone = load_config(None, ["model.branches=audio"])
    assert trained_parts(whole, alone) == ("audio", "video")


def test_classes_of_windows_come_from_periods(shards: Path) -> None:
    video = next(one for one in list_shard_videos(shards) if one.info.label_visual == 1)
    assert find_classes([video], "video") == PerVerdict(
        video={1},
        visual={1},
        audio={0},
    )
    part = replace(
        video,
        info=replace(video.info, periods=(Period(0.7, 1.0, visual=1, audio=0),)),
    )
    assert find_classes([part], "periods") == PerVerdict(
        video={0, 1},
        visual={0, 1},
        audio={0},
    )
    assert find_classes([part], "video").video == {1}


def test_losses_of_whole_labels_stay_as_they_were(
    run: Path,
    tiny_config: RunConfig,
) -> None:
    info = read_checkpoint_info(run / "last")
    assert info.trained == ALL and not any("not trained" in note for note in info.notes)
    with pytest.raises(SettingsError, match="own loss must stay on"):
        load_config(None, ["model.branches=visual", "training.visual_loss=false"])


def test_a_period_of_unknown_modality_labels_nothing() -> None:
    def of(visual: int, audio: int) -> VideoInfo:
        period = Period(0.0, 1.0, visual, audio)
        return VideoInfo(
            id="v",
            path="v",
            label=1,
            label_visual=1,
            label_audio=-1,
            periods=(period,),
        )

    assert window_label(of(1, -1), 0.0) == PerVerdict(video=1, visual=1, audio=-1)
    assert window_label(of(-1, -1), 0.0) == PerVerdict(video=1, visual=-1, audio=-1)
    assert window_label(of(-1, -1), 2.0) == PerVerdict(video=0, visual=0, audio=0)


def test_classes_by_period_are_looked_for_in_file_time(shards: Path) -> None:
    """The tracks begin at 10 s of the file, so a period of the first 9 s covers none of them."""
    stored = list_shard_videos(shards)[0]
    early = (Period(0.0, 9.0, 1, 0),)
    info = VideoInfo(
        id="late",
        path="late.mp4",
        label=1,
        label_visual=1,
        label_audio=0,
        periods=early,
    )
    assert find_classes(
        [replace(stored, info=info, offset=10.0)], "periods"
    ).visual == {0, 1}
