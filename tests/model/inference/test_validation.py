"""Validation: all segments, ties broken by loss, every epoch kept where that is asked for."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.stream.index import list_shard_videos
from avdf.model.inference.validation import Pair, quality
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.log import read_log
from avdf.model.runs.stored_validation import load_validation
from avdf.model.training.start import train
from avdf.model.verdicts import PerVerdict
from tests.helpers.command import call
from tests.helpers.tiny_run import TINY_OPTIONS


def pairs(labels: list[int], scores: list[float]) -> PerVerdict[Pair]:
    return PerVerdict.same((np.array(labels, np.int64), np.array(scores, np.float64)))


def test_thresholds_and_the_best_epoch_come_from_all_segments(
    run: Path,
    shards: Path,
) -> None:
    segments = sum(
        len(video.segments)
        for video in list_shard_videos(shards)
        if video.info.split == "val"
    )
    found = load_validation(run / "best")
    assert found is not None and len(found.scores.video) == segments == 6
    assert RunConfig().data.validation_segments == 0


def test_epochs_are_told_with_loss_and_accuracy_and_ties_go_by_loss(run: Path) -> None:
    epochs = read_log(run / "epochs.jsonl")
    found = load_validation(run / "last")
    assert found is not None
    labels, scores = found.of("mean").video
    wanted = -np.mean(np.log(np.where(labels == 1, scores, 1 - scores)))
    assert epochs[-1]["loss_video"] == pytest.approx(wanted)
    assert epochs[-1]["accuracy_video"] == np.mean((scores >= 0.5) == labels)
    best = max(
        reversed(epochs), key=lambda line: quality(line, ("visual", "audio", "video"))
    )
    assert read_checkpoint_info(run / "best").epoch == best["epoch"]


def test_of_epochs_with_the_same_auc_the_lower_loss_is_better() -> None:
    parts = ("visual", "audio", "video", "matching")
    sure = {"auc_video": 1.0, "loss_video": 0.1, "loss_visual": 0.1, "loss_audio": 0.1}
    assert quality(sure, parts) > quality({**sure, "loss_video": 0.2}, parts)
    assert quality({**sure, "auc_video": 0.9}, parts) < quality(
        {**sure, "loss_video": 9.0}, parts
    )
    untrained = {**sure, "loss_visual": 9.0}
    assert quality(untrained, ("audio", "video")) > quality(
        {**untrained, "loss_video": 0.2}, ("audio", "video")
    )


def test_every_epoch_is_kept_where_that_is_asked_for(
    shards: Path,
    run: Path,
    tiny_config: RunConfig,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    kept = replace(
        tiny_config,
        training=replace(tiny_config.training, keep_epochs=True),
    )
    train(shards, tmp_path / "run", kept)
    for epoch in (1, 2):
        info = read_checkpoint_info(tmp_path / "run" / f"epoch-{epoch:02d}")
        assert info.epoch == epoch and info.validation["auc_video"] is not None
    code, text = call(
        "score",
        tmp_path / "run",
        synthetic_manifest.parent / "p4_real.mp4",
        "--checkpoint",
        "epoch-01",
    )
    assert code == 0 and "P(fake)" in text
    assert not list(run.glob("epoch-*"))


def test_train_warns_and_the_report_repeats_it(shards: Path, tmp_path: Path) -> None:
    code, text = call("train", shards, "--out", tmp_path / "run", *TINY_OPTIONS)
    notes = read_checkpoint_info(tmp_path / "run" / "best").notes
    assert code == 0 and notes[0].startswith(
        "validation is small (video: 1 real and 2 fake"
    )
    assert f"warning: {notes[0]}" in text
    assert call("score", tmp_path / "run", shards, "--out", tmp_path / "scores")[0] == 0
    metrics = json.loads(
        (tmp_path / "scores" / "metrics.json").read_text(encoding="utf-8")
    )
    assert metrics["checkpoint"]["notes"] == list(notes)
    assert "validation is small" in (tmp_path / "scores" / "report.html").read_text(
        encoding="utf-8"
    )
