"""Timelines, intervals and periods: against plain loops over the definitions."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.errors import SettingsError
from avdf.cache.stream.batches import SegmentBatch
from avdf.cache.stream.clips import MOST_ROWS, prepared_clips, shard_clips
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.windows import Window
from avdf.model.inference.outputs import score_segments
from avdf.model.inference.timeline import cover_means, window_starts
from avdf.model.inference.tracks import score_clips
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.model.scoring.scorer import score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.verdicts import PerVerdict, as_columns
from tests.helpers.command import call


@pytest.fixture(scope="module")
def loaded(run: Path) -> LoadedRun:
    return load_run(run, device="cpu")


@given(st.integers(0, 70), st.sampled_from([1, 2, 4, 8, 16]))
def test_windows_cover_every_row_and_hold_the_segments(rows: int, stride: int) -> None:
    first = window_starts(rows, stride).tolist()
    if rows < 16:
        assert first == []
        return
    assert set(range(0, rows - 15, 16)) <= set(first)
    assert {row for start in first for row in range(start, start + 16)} == set(
        range(rows)
    )


def test_a_stride_that_misses_the_segments_is_refused() -> None:
    with pytest.raises(SettingsError, match="a stride of 3"):
        window_starts(40, 3)


@given(st.integers(16, 50), st.integers(0, 100))
def test_means_against_a_loop(rows: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    first = window_starts(rows, 4)
    values = generator.random((len(first), 16, 2))
    found = cover_means(first, values, rows)
    for row in range(rows):
        over = [
            values[index, row - start]
            for index, start in enumerate(first.tolist())
            if start <= row < start + 16
        ]
        np.testing.assert_allclose(found[row], np.mean(over, axis=0))


def test_tracks_score_as_their_windows_do_one_by_one(
    loaded: LoadedRun,
    shards: Path,
) -> None:
    """The visual features are computed once for all windows: it must not show."""
    videos = list_shard_videos(shards)[:2]
    (track, *_) = score_clips(
        loaded.detector,
        shard_clips(videos),
        loaded.device,
        stride=4,
    )
    (clip, *_) = shard_clips(videos)
    for index, start in enumerate(track.first.tolist()):
        batch = SegmentBatch(
            frames=torch.from_numpy(clip.frames[start : start + 16][None].copy()),
            pcm=torch.from_numpy(
                clip.pcm[start * 640 : (start + 16) * 640][None].copy()
            ),
            log_mel=None,
            windows=(Window(0, Path("x"), start),),
        )
        alone = score_segments(loaded.detector, [batch], loaded.device)
        np.testing.assert_allclose(
            as_columns(track.windows.fake)[index],
            as_columns(alone.fake)[0],
            atol=2e-3,
        )
        np.testing.assert_allclose(
            track.windows.distances[index],
            alone.distances[0],
            atol=2e-3,
        )


def test_long_tracks_come_in_clips_and_score_alike(
    loaded: LoadedRun,
    shards: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    videos = list_shard_videos(shards)[:3]
    whole = list(
        score_clips(loaded.detector, shard_clips(videos), loaded.device, stride=8)
    )
    monkeypatch.setattr("avdf.cache.stream.clips.MOST_ROWS", 16)
    clips = list(shard_clips(videos))
    assert (
        MOST_ROWS % 16 == 0
        and len(clips) > len(videos)
        and sum(clip.last for clip in clips) == len(whole)
    )
    parts = list(score_clips(loaded.detector, clips, loaded.device, stride=8))
    for one, other in zip(whole, parts, strict=True):
        assert (one.video, one.start, one.rows) == (
            other.video,
            other.start,
            other.rows,
        )
        np.testing.assert_allclose(
            as_columns(one.windows.fake),
            as_columns(other.windows.fake),
            atol=1e-5,
        )


def test_a_timeline_leaves_the_verdicts_as_they_are(
    loaded: LoadedRun,
    shards: Path,
) -> None:
    plain, timed = (
        score_shards(loaded, shards, "test"),
        score_shards(loaded, shards, "test", ScorerSettings(stride=4)),
    )
    assert not plain.timelines and set(timed.timelines) == {
        video.info.id for video in timed.videos
    }
    for one, other in zip(plain.videos, timed.videos, strict=True):
        assert (
            other.probability.video == pytest.approx(one.probability.video, abs=1e-3)
            and other.segments == one.segments
        )
    assert [row.start for row in plain.segments] == [
        row.start for row in timed.segments
    ]
    (timeline,) = timed.timelines[timed.videos[0].info.id]
    assert (
        timeline.times[0] == 0
        and np.isfinite(as_columns(timeline.fake)).all()
        and len(timeline.distance) >= 32
    )


def test_a_calibrated_timeline_stands_on_the_scale_of_its_threshold(
    loaded: LoadedRun,
    shards: Path,
) -> None:
    plain = score_shards(loaded, shards, "test", ScorerSettings(stride=16))
    heats = PerVerdict(visual=1.0, audio=2.0, video=0.5)
    judgement = replace(loaded.judgement(), temperatures=heats)
    settings = ScorerSettings(stride=16, judgement=judgement)
    warm = score_shards(loaded, shards, "test", settings)
    for name, (one, *_) in plain.timelines.items():
        other = warm.timelines[name][0]
        np.testing.assert_allclose(one.fake.visual, other.fake.visual)
        for verdict, heat in heats.items():
            p = one.fake[verdict]
            np.testing.assert_allclose(
                other.fake[verdict],
                1 / (1 + ((1 - p) / p) ** (1 / heat)),
                rtol=1e-6,
            )


def test_the_command_writes_timelines_and_intervals(
    run: Path,
    shards: Path,
    tmp_path: Path,
) -> None:
    code, _ = call(
        "score", run, shards, "--out", tmp_path, "--timeline", "--stride", "8"
    )
    assert code == 0
    with (tmp_path / "timeline.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    of_verdicts = ["p_visual", "p_audio", "p_video"]
    assert list(rows[0]) == ["id", "time", *of_verdicts, "distance", "sync", "face"]
    assert [float(row["time"]) for row in rows[:3]] == [0.0, 0.04, 0.08]
    assert (
        (tmp_path / "intervals.csv")
        .read_text(encoding="utf-8")
        .startswith("id,verdict,start,end,score,face\n")
    )


def test_clips_of_a_file_are_those_of_its_shard(
    shards: Path,
    synthetic_manifest: Path,
    detector: object,
) -> None:
    from avdf.pipeline.prepare import prepare_video
    from avdf.pipeline.settings import PrepSettings
    from avdf.pipeline.sources import list_videos

    info = list_videos([synthetic_manifest]).videos[0]
    video = prepare_video(info, PrepSettings(), detector)  # type: ignore[arg-type]
    stored = next(one for one in list_shard_videos(shards) if one.info.id == info.id)
    (own,), (other,) = prepared_clips(video, 7), shard_clips([stored])
    assert own.video == 7 and own.frames.shape == other.frames.shape and own.last
    np.testing.assert_array_equal(own.pcm, other.pcm)
    (skipped,) = shard_clips([stored], skip=[5])
    assert (
        skipped.start == pytest.approx(0.2)
        and len(skipped.frames) == len(other.frames) - 5
    )
    with pytest.raises(ValueError, match="a clip of frames"):
        replace(own, pcm=own.pcm[:-1])
