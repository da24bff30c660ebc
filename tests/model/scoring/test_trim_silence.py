"""Leading silence: what it is, and scores without it."""

import json
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.stream.batches import stream_batches
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.cache.stream.silence import (
    leading_silence,
    silence_in_shards,
    silent_rows,
    without_silence,
)
from avdf.cache.stream.windows import scoring_windows
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from tests.helpers.command import call


@pytest.fixture(scope="module")
def loaded(run: Path) -> LoadedRun:
    return load_run(run, device="cpu")


def test_leading_silence_is_what_is_not_louder_than_60_db_below_full_scale() -> None:
    sound = np.array([0, 33, -33, 20, 34, 0], np.int16)
    assert leading_silence(sound) == 4 and leading_silence(sound[:4]) == 4
    assert leading_silence(np.array([-32768], np.int16)) == 0
    assert [
        silent_rows(seconds)
        for seconds in (0.0, 1 / 16000, 0.04, 0.040_062_5, float("nan"))
    ] == [0, 1, 1, 2, 0]


def test_silence_is_left_out_of_shards_and_of_files_alike(
    loaded: LoadedRun,
    shards: Path,
    synthetic_manifest: Path,
    detector: FaceDetector,
) -> None:
    videos = list_shard_videos(shards)
    seconds = silence_in_shards(videos)
    cloned = [video.info.method == "rtvc" for video in videos]
    assert (seconds[cloned] >= 0.02).all()  # as the synthetic forgery begins
    skip = [silent_rows(value) for value in seconds]
    windows = scoring_windows(videos, skip=skip)
    for window in windows:
        video = videos[window.video]
        assert window.row >= video.tracks[0].row + skip[window.video] and (
            window.segment < 0
        ) == bool(skip[window.video])
    for batch in stream_batches(ShardPool(), [windows[:2]]):
        assert leading_silence(batch.pcm[0].numpy()) < 640
    scores = score_shards(loaded, shards, "", ScorerSettings(trim_silence=True))
    assert scores.trimmed and scores.segments[0].start == pytest.approx(skip[0] / 25)
    info = next(
        video
        for video in list_videos([synthetic_manifest]).videos
        if video.method == "rtvc"
    )
    prepared = prepare_video(info, PrepSettings(), detector)
    cut = without_silence(prepared)
    assert cut.tracks[0].start > 0 and len(cut.tracks[0]) < len(prepared.tracks[0])
    stored = next(video for video in scores.videos if video.info.id == info.id)
    alone = score_prepared(
        loaded, [prepared], ScorerSettings(trim_silence=True)
    ).videos[0]
    assert alone.probability.audio == pytest.approx(stored.probability.audio, abs=5e-3)
    assert alone.leading_silence == pytest.approx(stored.leading_silence)


def test_the_command_reports_the_shortcut_and_what_was_chosen(
    run: Path,
    shards: Path,
    tmp_path: Path,
) -> None:
    options = (
        "--aggregate",
        "top",
        "--calibrate",
        "--abstain",
        "0.05",
        "--trim-silence",
    )
    code, text = call(
        "score", run, shards, "--split", "all", "--out", tmp_path, *options
    )
    assert code == 0 and "leading silence alone: AUC" in text
    document = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert (document["aggregate"], document["abstain"]) == ("top", 0.05)
    assert set(document["temperatures"]) == {"visual", "audio", "video"}
    probe, decided = document["silence_probe"], document["decided"]["video"]
    assert probe["trimmed"] and probe["videos"] == 18 and 0 <= probe["auc_audio"] <= 1
    assert decided["unsure"] + decided["decided"] == 18
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        "highest quarter" in page
        and "temperatures" in page
        and "Judged only by the silence at the start" in page
    )
    assert "It was left out" in page
