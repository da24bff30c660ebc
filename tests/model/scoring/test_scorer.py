"""Scoring: tables, averages, verdicts, and the report."""

import csv
import json
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import VIDEOS_FILE
from avdf.model.evaluation.evaluate import evaluate
from avdf.model.evaluation.metrics_document import weights_note
from avdf.model.inference.segments import SegmentScores, video_distances
from avdf.model.report.curves import RunCurves
from avdf.model.report.evidence import evidence_in
from avdf.model.report.html import write_report
from avdf.model.report.material import ReportMaterial
from avdf.model.report.origin import Origin
from avdf.model.report.score_folder import write_scores
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.video_row import VIDEO_COLUMNS, VideoRow
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from tests.helpers.tables import read_table
from tests.helpers.video_scores import video_score


@pytest.fixture(scope="module")
def loaded(run: Path) -> LoadedRun:
    return load_run(run, device="cpu")


def test_videos_are_means_of_their_segments(
    loaded: LoadedRun, shards: Path, tmp_path: Path
) -> None:
    scores = score_shards(loaded, shards, "test")
    write_scores(tmp_path, scores, loaded, ReportMaterial("t"))
    videos, segments = read_table(tmp_path / "videos.csv"), read_table(tmp_path / "segments.csv")
    assert len(videos) == 6 and all(
        row["status"] == "ok" and row["split"] == "test" for row in videos
    )
    assert list(segments[0]) == ["id", "start", "end", "p_visual", "p_audio", "p_video", "distance"]
    for video in videos:
        own = [row for row in segments if row["id"] == video["id"]]
        assert len(own) == int(video["segments"]) == 2
        assert [(float(row["start"]), float(row["end"])) for row in own] == [
            (0.0, 0.64),
            (0.64, 1.28),
        ]
        for name in ("p_visual", "p_audio", "p_video", "distance"):
            assert float(video[name]) == pytest.approx(
                np.mean([float(row[name]) for row in own]), abs=2e-6
            )
        fake = float(video["p_video"]) >= loaded.info.thresholds.video
        assert video["verdict"] == ("fake" if fake else "real")
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert set(metrics["verdicts"]) == {"video", "visual", "audio"} and metrics["coverage"] == {
        "listed": 6,
        "ok": 6,
    }
    assert {"accuracy", "average_precision", "auc", "all_fake_accuracy"} <= set(
        metrics["verdicts"]["video"]
    )
    assert (
        metrics["weights_note"].startswith("These figures rest on") and metrics["split"] == "test"
    )


def test_a_file_scores_as_it_does_from_a_shard(
    loaded: LoadedRun, shards: Path, synthetic_manifest: Path, detector: FaceDetector
) -> None:
    stored = {video.info.id: video for video in score_shards(loaded, shards, "").videos}
    info = list_videos([synthetic_manifest]).videos[4]
    # workers compute with one thread, which moves a box by a fraction of a pixel
    alone = score_prepared(loaded, [prepare_video(info, PrepSettings(), detector)]).videos[0]
    assert alone.probability.video == pytest.approx(stored[info.id].probability.video, abs=2e-3)
    assert alone.distance == pytest.approx(stored[info.id].distance, abs=2e-3)


def test_what_could_not_be_prepared_is_accounted_for(
    loaded: LoadedRun, shards: Path, tmp_path: Path
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
        csv.DictWriter(file, list(VIDEO_COLUMNS)).writerows(row.as_columns() for row in lost)
    scores = score_shards(loaded, copy, "test")
    assert [video.info.id for video in scores.videos if video.status == "no_face"] == ["lost_test"]
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
        np.testing.assert_allclose(distances[video], segments.distance[owner == video].mean())
    assert counts[5] == 0 and np.isnan(distances[5])


def test_categories_are_set_against_the_same_real_videos() -> None:
    rows = [video_score(f"r{i}", 0, 0.1 * i, category="RVRA", identity=f"p{i}") for i in range(5)]
    for index, category in enumerate(("FVRA-WL", "FVFA-FS", "FVFA-GAN", "FVFA-WL", "RVFA")):
        rows += [
            video_score(f"{category}{i}", 1, 0.25 + 0.1 * index, category=category)
            for i in range(2)
        ]
    evaluation = evaluate(ScoredVideos(tuple(rows), ()), Thresholds())
    found = {name: judged.metrics for name, judged in evaluation.by_category.items()}
    assert {(m.real, m.fake) for m in found.values()} == {(5, 2)}
    assert found["FVRA-WL"].auc == pytest.approx(3 / 5) and found["RVFA"].auc == 1.0
    visual = [found[name].auc or 0.0 for name in ("FVRA-WL", "FVFA-FS", "FVFA-GAN", "FVFA-WL")]
    assert evaluation.average_fake_visual is not None
    assert evaluation.average_fake_visual["auc"] == pytest.approx(np.mean(visual))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(
            name.startswith("on")
            or (name in ("src", "href") and not (value or "").startswith(("data:image/", "#")))
            for name, value in attrs
            if not name.startswith("xmlns")
        )


def test_the_report_is_one_escaped_file(loaded: LoadedRun, shards: Path, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>.mp4"
    scores = score_shards(loaded, shards, "test")
    rows = (
        *(
            replace(video, info=replace(video.info, category=f"<b>{video.info.category}"))
            for video in scores.videos
        ),
        video_score(evil, 1, 0.2, category="<img src=x onerror=alert(2)>"),
        video_score("lost", 1, None),
    )
    scores = replace(scores, videos=rows)
    origin = Origin(loaded.info, RunCurves((), ()), loaded.judgement())
    evaluation = evaluate(scores, Thresholds(video=0.99))
    material = ReportMaterial(f"title {evil}", evidence_of=evidence_in(shards))
    write_report(tmp_path / "r.html", scores, evaluation, material, origin)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert not {"script", "iframe", "link"} & set(tags.seen) and {"svg", "image", "img"} <= set(
        tags.seen
    )
    assert "&lt;script&gt;alert(1)" in page and evil not in page and len(page) < 3_000_000
    assert "calling all fake" in page and "no_face" in page and "drawn" not in page


def test_real_weights_need_no_note(loaded: LoadedRun) -> None:
    assert "clip demo (demo)" in weights_note(loaded.info.backbones)
    real = {name: replace(info, weights="openai") for name, info in loaded.info.backbones.items()}
    assert weights_note(real) == ""
