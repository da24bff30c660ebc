"""Every row of Tables 4 and 5 trains, and is scored on the verdicts that it was trained for."""

import math
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.csv_table import write_table
from avdf.model import Detector, DetectorConfig
from avdf.model.backbones import RandomWeightsWarning
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.reproduce.ablations import ABLATIONS, FULL
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.loaded import load_run
from avdf.model.runs.log import read_log
from avdf.model.scoring.rows import VIDEO_COLUMNS
from avdf.model.scoring.scorer import score_shards
from avdf.model.training.start import train
from avdf.model.verdicts import VERDICTS

_VISUAL, _AUDIO = {"visual", "visual_head"}, {"audio", "audio_head"}
_BOTH = _VISUAL | _AUDIO | {"visual_align", "audio_align", "video_head"}
EXPECTED = {  # parts with parameters, trainable parts, verdicts
    "audio-branch": (_AUDIO, _AUDIO, {"audio", "video"}),
    "visual-branch": (_VISUAL, _VISUAL, {"visual", "video"}),
    "no-matching": (_BOTH, _BOTH, {"visual", "audio", "video"}),
    "full": (_BOTH, _BOTH, {"visual", "audio", "video"}),
    "no-audio-loss": (_BOTH, _BOTH - {"audio_head"}, {"visual", "video"}),
    "no-visual-loss": (_BOTH, _BOTH - {"visual_head"}, {"audio", "video"}),
    "replacing": (_BOTH, _BOTH, {"visual", "audio", "video"}),
    "segment-level": (_BOTH, _BOTH, {"visual", "audio", "video"}),
}


def parts(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def with_settings(config: RunConfig, settings: tuple[str, ...]) -> RunConfig:
    for setting in settings:
        name, _, text = setting.partition("=")
        section, _, key = name.partition(".")
        value = False if text == "false" else text
        config = replace(
            config, **{section: replace(getattr(config, section), **{key: value})}
        )
    return config


def test_every_row_is_expected() -> None:
    assert set(EXPECTED) == set(ABLATIONS)
    for row in ABLATIONS.values():
        assert load_config(None, row.settings) == with_settings(
            RunConfig(), row.settings
        )
        assert len(row.settings) == (row is not FULL)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_row_of_the_tables(
    name: str,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    there, changing, verdicts = EXPECTED[name]
    config = with_settings(
        replace(tiny_config, training=replace(tiny_config.training, epochs=1)),
        ABLATIONS[name].settings,
    )
    fresh = Detector(config.model).trainable_state()
    train(shards, tmp_path / "run", config)
    loaded = load_run(tmp_path / "run", device="cpu")
    trained = loaded.detector.trainable_state()
    assert parts(set(fresh)) == parts(set(trained)) == there
    assert (
        parts({key for key in fresh if not torch.equal(fresh[key], trained[key])})
        == changing
    )
    assert all(
        math.isfinite(line["loss"]) for line in read_log(tmp_path / "run" / "log.jsonl")
    )
    scores = score_shards(loaded, shards, "test")
    for video in scores.scored:
        judged = {
            verdict for verdict in VERDICTS if video.probability[verdict] is not None
        }
        assert judged == verdicts
        assert (video.verdict.visual != "") == ("visual" in verdicts)
        assert (video.distance is not None) == (there == _BOTH)
    measured = {
        key
        for key, judged in evaluate(scores, loaded.info.thresholds).verdicts.items()
        if judged.metrics.videos
    }
    assert measured == verdicts
    write_table(tmp_path / "videos.csv", VIDEO_COLUMNS, scores.videos)
    assert "nan" not in (tmp_path / "videos.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("branches", "count"),
    [
        ("audio", 3_445_378),
        ("visual", 305_282),
        ("both", 4_407_686),
    ],
)
def test_the_papers_sizes_have_as_many_trainable_parameters(
    branches: Any,
    count: int,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        detector = Detector(
            DetectorConfig(
                clip_weights="random",
                whisper_weights="random",
                branches=branches,
            )
        )
    assert sum(value.numel() for value in detector.trainable_state().values()) == count
    assert set(detector.backbones) == {"audio": {"whisper"}, "visual": {"clip"}}.get(
        branches, {"clip", "whisper"}
    )


def test_a_branch_without_its_loss_is_refused() -> None:
    with pytest.raises(SettingsError, match="own loss must stay on"):
        load_config(None, ["model.branches=audio", "training.audio_loss=false"])
