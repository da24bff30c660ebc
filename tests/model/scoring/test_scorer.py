"""Scoring: tables, averages, verdicts, and the report."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import VIDEOS_FILE
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.inference.aggregate import video_distances
from avdf.model.inference.segments import SegmentScores
from avdf.model.report.material import ReportMaterial
from avdf.model.report.score_folder import write_scores
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.model.verdicts import PerVerdict
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.video_row import VIDEO_COLUMNS, VideoRow
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from tests.helpers.tables import read_table


@pytest.fixture(scope="module")
def loaded(run: Path) -> LoadedRun:
    return load_run(run, device="cpu")


def test_videos_are_means_of_their_segments(
    loaded: LoadedRun,
    shards: Path,
    tmp_path: Path,
) -> None:
    scores = score_shards(loaded, shards, "test")
    write_scores(tmp_path, scores, loaded, ReportMaterial("t"))
    videos, segments = (
        read_table(tmp_path / "videos.csv"),
        read_table(tmp_path / "segments.csv"),
    )
    assert len(videos) == 6 and all(
        row["status"] == "ok" and row["split"] == "test" for row in videos
    )
    assert list(segments[0]) == [
        "id",
        "start",
        "end",
        "p_visual",
        "p_audio",
        "p_video",
        "distance",
        "sync",
        "sync_depth",
        "offset_ms",
        "face",
    ]
    for video in videos:
        own = [row for row in segments if row["id"] == video["id"]]
        assert len(own) == int(video["segments"]) == 2
        assert [(float(row["start"]), float(row["end"])) for row in own] == [
            (0.0, 0.64),
            (0.64, 1.28),
        ]
        for name in ("p_visual", "p_audio", "p_video", "distance"):
            assert float(video[name]) == pytest.approx(
                np.mean([float(row[name]) for row in own]),
                abs=2e-6,
            )
        fake = float(video["p_video"]) >= loaded.info.thresholds.video
        assert video["verdict"] == ("fake" if fake else "real")
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert set(metrics["verdicts"]) == {"video", "visual", "audio"} and metrics[
        "coverage"
    ] == {
        "listed": 6,
        "ok": 6,
    }
    assert {"accuracy", "average_precision", "auc", "all_fake_accuracy"} <= set(
        metrics["verdicts"]["video"]
    )
    assert (
        metrics["weights_note"].startswith("These figures come from")
        and metrics["split"] == "test"
    )


def test_a_file_scores_as_it_does_from_a_shard(
    loaded: LoadedRun,
    shards: Path,
    synthetic_manifest: Path,
    detector: FaceDetector,
) -> None:
    stored = {video.info.id: video for video in score_shards(loaded, shards, "").videos}
    info = list_videos([synthetic_manifest]).videos[4]
    # workers compute with one thread, which moves a box by a fraction of a pixel
    alone = score_prepared(
        loaded, [prepare_video(info, PrepSettings(), detector)]
    ).videos[0]
    assert alone.probability.video == pytest.approx(
        stored[info.id].probability.video,
        abs=2e-3,
    )
    assert alone.distance == pytest.approx(stored[info.id].distance, abs=2e-3)


def test_what_could_not_be_prepared_is_accounted_for(
    loaded: LoadedRun,
    shards: Path,
    tmp_path: Path,
) -> None:
    copy = tmp_path / "shards"
    shutil.copytree(shards, copy)
    lost = [
        VideoRow.failed(
            VideoInfo(id=f"lost_{split}", path="x", split=split, label=1),
            "no_face",
            "no face found",
        )
        for split in ("test", "train")
    ]
    with (copy / VIDEOS_FILE).open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, list(VIDEO_COLUMNS)).writerows(
            row.as_columns() for row in lost
        )
    scores = score_shards(loaded, copy, "test")
    assert [video.info.id for video in scores.videos if video.status == "no_face"] == [
        "lost_test"
    ]
    evaluation = evaluate(scores, loaded.info.thresholds)
    assert evaluation.coverage == {"listed": 7, "ok": 6, "no_face": 1}


def test_unknown_splits_are_refused(loaded: LoadedRun, shards: Path) -> None:
    with pytest.raises(SettingsError, match="unknown"):
        score_shards(loaded, shards, "dev")


def test_distances_against_a_loop() -> None:
    generator = np.random.default_rng(0)
    owner = generator.integers(0, 5, 40)
    segments = SegmentScores(
        owner, PerVerdict.same(generator.random(40)), generator.random((40, 16))
    )
    distances, counts = video_distances(segments, 6)
    for video in range(5):
        np.testing.assert_allclose(
            distances[video], segments.distance[owner == video].mean()
        )
    assert counts[5] == 0 and np.isnan(distances[5])
