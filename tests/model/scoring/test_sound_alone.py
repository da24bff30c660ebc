"""Sound without a picture is judged by the audio alone, as in a complete video."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.missing import NO_PICTURE, NO_VIDEO_STREAM
from avdf.cache.core.video import PreparedVideo, Track
from avdf.cache.stream.index import list_shard_videos
from avdf.model import Detector, DetectorConfig
from avdf.model.report.evidence import prepared_evidence, shard_evidence
from avdf.model.report.missing_sentence import missing_sentence
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.rows import ScoredVideos, VideoScore
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import VERDICTS
from tests.helpers.prepared import grey_track, grey_video, write_shard
from tests.helpers.tiny_run import TINY_MODEL

ROWS = 56
REASON = f"{NO_PICTURE}: {NO_VIDEO_STREAM}"


def loud(rows: int) -> np.ndarray:
    samples = np.random.default_rng(3).integers(-9000, 9000, rows * SAMPLES_PER_FRAME)
    return samples.astype(np.int16)


def complete() -> PreparedVideo:
    pcm = loud(ROWS)
    track = replace(grey_track(ROWS, pcm=pcm), log_mel=segment_log_mel(pcm))
    return grey_video("complete", [track])


def sound(name: str = "sound") -> PreparedVideo:
    pcm = loud(ROWS)
    video = grey_video(name, [Track.of_sound(pcm, segment_log_mel(pcm))])
    return replace(video, faces=0, notes=(REASON,))


def run_of(model: DetectorConfig, trained: tuple[str, ...] = VERDICTS) -> LoadedRun:
    """A detector that nothing has trained: what its scores are does not matter here."""
    config = RunConfig(model=model)
    detector = Detector(model).hold_frozen(torch.float32).eval()
    info = CheckpointInfo(
        epoch=1,
        step=1,
        config=config,
        backbones=detector.backbones,
        thresholds=Thresholds(),
        validation={},
        data={"protocol": {"sha256": "x"}, "datasets": {"own": 9}},
        trained=trained,
    )
    return LoadedRun(RunFolder(Path("none")), detector, info, torch.device("cpu"))


@pytest.fixture(scope="module")
def run() -> LoadedRun:
    return run_of(TINY_MODEL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shards")
    write_shard(root, complete(), sound())
    return root


def of_name(scores: ScoredVideos, name: str) -> VideoScore:
    return next(video for video in scores.videos if video.info.id == name)


def test_the_sound_is_judged_as_in_a_complete_video(run: LoadedRun) -> None:
    scores = score_prepared(run, iter([complete(), sound()]), ScorerSettings(stride=16))
    whole, alone = of_name(scores, "complete"), of_name(scores, "sound")
    assert alone.probability.audio == whole.probability.audio is not None
    assert alone.probability.visual is alone.probability.video is None
    assert alone.verdict.audio == whole.verdict.audio
    assert alone.verdict.visual == alone.verdict.video == ""
    assert (alone.status, alone.examined, alone.distance) == ("ok", "sound", None)
    assert alone.reason == REASON
    assert alone.sync.sync is alone.sync.probability is None
    assert (alone.segments, whole.segments) == (3, 3)
    (timeline,) = scores.timelines["sound"]
    np.testing.assert_array_equal(
        timeline.fake.audio, scores.timelines["complete"][0].fake.audio
    )
    assert np.isnan(timeline.fake.video).all() and np.isnan(timeline.distance).all()


def test_the_sound_is_judged_by_the_audio_head(run: LoadedRun) -> None:
    """Against the detector itself, asked for one segment after another."""
    mel = torch.from_numpy(segment_log_mel(loud(ROWS))).float()
    with torch.inference_mode():
        features = torch.cat([run.detector.audio(one[None]) for one in mel])
        logits = run.detector.audio_head(features.mean(dim=1))
    expected = logits.double().softmax(dim=1)[:, 1].tolist()
    scores = score_prepared(run, iter([sound()]))
    found = [segment.probability.audio for segment in scores.segments]
    assert found == pytest.approx(expected, abs=1e-6)


def test_shards_give_what_the_files_give(run: LoadedRun, folder: Path) -> None:
    files = score_prepared(run, iter([complete(), sound()]))
    stored = score_shards(run, folder, "")
    whole_tracks = score_shards(run, folder, "", ScorerSettings(stride=16))
    for name in ("complete", "sound"):
        expected = of_name(files, name)
        for found in (of_name(stored, name), of_name(whole_tracks, name)):
            assert found.examined == expected.examined
            assert found.verdict == expected.verdict
            for own, other in zip(found.probability, expected.probability, strict=True):
                assert own == (
                    other if other is None else pytest.approx(other, abs=1e-6)
                )


def test_a_run_that_looks_at_pictures_alone_cannot_judge_sound(folder: Path) -> None:
    run = run_of(replace(TINY_MODEL, branches="visual"), ("visual", "video"))
    for scores in (
        score_prepared(run, iter([sound()]), ScorerSettings(stride=16)),
        score_shards(run, folder, ""),
    ):
        row = of_name(scores, "sound")
        assert row.status == "not_judged"
        assert row.reason.endswith("this run judges the picture alone")
        assert row.probability.visual is row.probability.video is None
        assert "sound" not in {segment.id for segment in scores.segments}
        assert "sound" not in scores.timelines


def test_a_run_that_listens_alone_judges_sound(folder: Path) -> None:
    run = run_of(replace(TINY_MODEL, branches="audio"), ("audio", "video"))
    scores = score_shards(run, folder, "")
    whole, alone = of_name(scores, "complete"), of_name(scores, "sound")
    assert alone.probability == whole.probability
    assert alone.examined == whole.examined == "sound"


def test_a_run_that_was_not_trained_for_sound_says_so(run: LoadedRun) -> None:
    untrained = replace(run, info=replace(run.info, trained=("visual",)))
    (row,) = score_prepared(untrained, iter([sound()])).videos
    assert row.status == "not_judged"
    assert row.reason.startswith(REASON)


def test_there_is_nothing_to_see_of_sound_alone(folder: Path) -> None:
    (stored,) = [one for one in list_shard_videos(folder) if one.info.id == "sound"]
    for evidence in (prepared_evidence(sound()), shard_evidence(stored)):
        assert not evidence.faces and not len(evidence.crops) and not evidence.times
        assert np.isfinite(evidence.mel).all()


def test_a_report_says_what_was_not_examined_and_why() -> None:
    sentence = missing_sentence(f"deinterlaced; {NO_PICTURE}: no face found; other")
    assert sentence.startswith("The picture was not examined: no face found. ")
    assert "synchrony need picture and sound" in sentence
    assert missing_sentence("deinterlaced") == ""
