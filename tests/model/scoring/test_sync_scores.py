"""The synchrony of videos: alike from shards and from memory, and against a plain loop."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from avdf.cache import PreparedVideo, Track
from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.shards.codec import FrameCodec
from avdf.cache.stream.windows import Window
from avdf.model import Detector
from avdf.model.inference.segments import SegmentScores, join_segments
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.loaded import LoadedRun
from avdf.model.scoring.rows import ScoredVideos, VideoScore
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.scoring.windows import score_windows
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.synchrony.judgement import TOO_SHORT
from avdf.model.synchrony.synchrony import NOTHING_COMPARED, Synchrony
from avdf.model.thresholds import Thresholds
from tests.helpers.prepared import grey_video, write_shard
from tests.helpers.tiny_run import TINY_MODEL

ALL = ("visual", "audio", "video", "matching")
CALIBRATION = SyncCalibration(
    slope=10.0,
    intercept=0.0,
    threshold=0.5,
    depth=0.0,
    genuine=20,
    apart=140,
    auc=0.95,
    interval=(0.9, 1.0),
    by_kind={"moved sound": 0.95},
    genuine_depth=0.5,
    segment_depth=0.6,
)
CLOSE = (
    2e-4  # of distances: log-mel is stored in half precision, batches differ in size
)


def track(rows: int, seed: int, start: float = 0.0, silent_rows: int = 0) -> Track:
    """Coarse noise as frames and loud noise as audio, after some rows of silence."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 256, (rows, 7, 7, 3), np.uint8)
    frames = coarse.repeat(32, axis=1).repeat(32, axis=2)
    pcm = generator.integers(-9000, 9000, rows * SAMPLES_PER_FRAME).astype(np.int16)
    pcm[: silent_rows * SAMPLES_PER_FRAME] = 0
    return Track(
        start=start,
        crops=tuple(FrameCodec().encode(frame) for frame in frames),
        boxes=np.zeros((rows, 4), np.float32),
        probability=np.ones(rows, np.float32),
        pcm=pcm,
        log_mel=segment_log_mel(pcm),
        has_audio=silent_rows < rows,
    )


VIDEOS = {
    "plain": [track(70, 1)],
    "cut": [track(40, 2), track(48, 3, start=2.0)],
    "short": [track(20, 4)],
    "late start": [track(64, 5, silent_rows=5)],
    "silent": [track(48, 6, silent_rows=48)],
}


@pytest.fixture(scope="module")
def videos() -> list[PreparedVideo]:
    return [grey_video(name, tracks) for name, tracks in VIDEOS.items()]


@pytest.fixture(scope="module")
def folder(
    videos: list[PreparedVideo], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The videos in two shards."""
    root = tmp_path_factory.mktemp("shards")
    write_shard(root, *videos[:2])
    write_shard(root, *videos[2:], index=1)
    return root


def run_of(config: RunConfig, trained: tuple[str, ...] = ALL) -> LoadedRun:
    """A detector that nothing has trained: what its features are does not matter here."""
    detector = Detector(config.model).hold_frozen(torch.float32).eval()
    info = CheckpointInfo(
        epoch=1,
        step=1,
        config=config,
        backbones=detector.backbones,
        thresholds=Thresholds(),
        validation={},
        data={"protocol": {"sha256": "x"}, "datasets": {"own": 9}},
        trained=trained,
        sync=CALIBRATION,
    )
    return LoadedRun(RunFolder(Path("none")), detector, info, torch.device("cpu"))


@pytest.fixture(scope="module")
def run() -> LoadedRun:
    return run_of(RunConfig(model=TINY_MODEL))


@pytest.fixture(scope="module")
def stored(run: LoadedRun, folder: Path) -> ScoredVideos:
    """The scores from shards."""
    return score_shards(run, folder, "")


def of_name(scores: ScoredVideos, name: str) -> VideoScore:
    return next(video for video in scores.videos if video.info.id == name)


def aligned(detector: Detector, one: Track) -> tuple[npt.NDArray[np.float64], ...]:
    """f'_v and f'_a of the whole segments of a track, of length 1."""
    encoded = [np.frombuffer(crop, np.uint8) for crop in one.crops]
    images = [cv2.imdecode(crop, cv2.IMREAD_COLOR) for crop in encoded]
    assert all(image is not None for image in images)
    frames = np.array(images, np.uint8)[
        ..., ::-1
    ].copy()  # OpenCV's colours are blue, green, red
    windows = [frames[row : row + 16] for row in range(0, len(one) - 15, 16)]
    with torch.inference_mode():
        output = detector(
            torch.from_numpy(np.stack(windows)),
            torch.from_numpy(one.log_mel.astype(np.float32)),
        )
    both = (output.visual_features, output.audio_features)
    whole = [features.flatten(0, 1).double().numpy() for features in both]
    return tuple(one / np.linalg.norm(one, axis=1, keepdims=True) for one in whole)


def plain_curve(detector: Detector, tracks: Sequence[Track]) -> list[float | None]:
    """Mean distances at -25 to 25 frames, one pair of frames at a time; never across a cut."""
    found: list[list[float]] = [[] for _ in range(51)]
    for one in tracks:
        visual, audio = aligned(detector, one)
        samples = one.pcm.reshape(-1, 640)
        for t in range(len(visual)):
            for k in range(-25, 26):
                # Of a silent frame, no sample is louder than -60 dB: 33 of 32768.
                inside = 0 <= t + k < len(audio)
                if inside and np.abs(samples[t + k].astype(int)).max() > 33:
                    found[k + 25].append(1 - float(visual[t] @ audio[t + k]))
    fewest = max(8, len(found[25]) / 2)
    return [float(np.mean(own)) if len(own) >= fewest else None for own in found]


@pytest.mark.parametrize("name", ["plain", "cut", "short", "late start"])
def test_the_curve_of_a_video_is_that_of_a_plain_loop(
    name: str, run: LoadedRun, stored: ScoredVideos
) -> None:
    wanted = plain_curve(run.detector, VIDEOS[name])
    found = of_name(stored, name).sync

    as_floats = np.array(wanted, np.float64)
    np.testing.assert_allclose(np.array(found.curve, np.float64), as_floats, atol=CLOSE)
    median = np.nanmedian(as_floats[25 - 8 : 25 + 9])
    assert found.sync == pytest.approx(as_floats[25] - median, abs=CLOSE)
    assert found.depth == pytest.approx(median - np.nanmin(as_floats), abs=CLOSE)


def _every(scores: ScoredVideos) -> list[Synchrony]:
    """What is said of each video, then of each segment."""
    of_videos = [video.sync for video in scores.videos]
    return [*of_videos, *(row.sync for row in scores.segments)]


def assert_alike(one: ScoredVideos, other: ScoredVideos) -> None:
    """The same synchrony of each video and each segment, as far as rounding goes."""
    assert len(one.videos) == len(other.videos) == len(VIDEOS)
    assert len(one.segments) == len(other.segments)
    for a, b in zip(_every(one), _every(other), strict=True):
        assert (a.sync is None, a.note) == (b.sync is None, b.note)
        assert a.sync == (b.sync and pytest.approx(b.sync, abs=CLOSE))
        np.testing.assert_allclose(
            np.array(a.curve, np.float64), np.array(b.curve, np.float64), atol=CLOSE
        )


@pytest.mark.parametrize("trim", [False, True])
@pytest.mark.parametrize("stride", [0, 4])
def test_shards_and_files_say_the_same(
    stride: int,
    trim: bool,
    run: LoadedRun,
    folder: Path,
    videos: list[PreparedVideo],
) -> None:
    settings = ScorerSettings(stride=stride, trim_silence=trim)

    assert_alike(
        score_shards(run, folder, "", settings), score_prepared(run, videos, settings)
    )


@pytest.mark.parametrize("stride", [4, 16])
def test_timelines_change_no_score_of_synchrony(
    stride: int, run: LoadedRun, folder: Path, stored: ScoredVideos
) -> None:
    assert_alike(stored, score_shards(run, folder, "", ScorerSettings(stride=stride)))


def test_leading_silence_is_left_out_of_the_curve(
    run: LoadedRun, folder: Path, stored: ScoredVideos
) -> None:
    trimmed = score_shards(run, folder, "", ScorerSettings(trim_silence=True))

    whole, cut = (of_name(one, "late start").sync for one in (stored, trimmed))
    assert whole.sync != pytest.approx(cut.sync, abs=1e-6)
    plain = [of_name(one, "plain").sync.sync for one in (stored, trimmed)]
    assert plain[0] == pytest.approx(plain[1], abs=CLOSE)


def test_shards_that_are_scored_elsewhere_give_the_same(
    run: LoadedRun, folder: Path, stored: ScoredVideos
) -> None:
    # As a cluster does it: a job is the windows of one shard.
    def by_shard(windows: Sequence[Window], _: Callable[[int], None]) -> SegmentScores:
        jobs = groupby(windows, lambda window: window.shard)
        parts = [score_windows(run, list(own)) for _, own in jobs]
        assert len(parts) == 2
        return join_segments(parts)

    assert_alike(stored, score_shards(run, folder, "", score=by_shard))


def test_the_size_of_batches_changes_nothing(
    run: LoadedRun, folder: Path, stored: ScoredVideos
) -> None:
    config = run.info.config
    small = replace(config, data=replace(config.data, batch_size=3))
    other = replace(run, info=replace(run.info, config=small))

    assert_alike(stored, score_shards(other, folder, ""))


def test_the_sound_of_the_other_track_is_never_compared(
    run: LoadedRun, stored: ScoredVideos
) -> None:
    first, second = VIDEOS["cut"]
    louder = grey_video("cut", [first, track(48, 99, start=2.0)])

    (alone,) = score_prepared(run, [grey_video("cut", [first])]).videos
    changed = score_prepared(run, [louder])

    assert alone.segments == 2
    segments = [row for row in stored.segments if row.id == "cut"]
    for row, twin in zip(segments[:2], changed.segments[:2], strict=True):
        assert row.sync.sync == pytest.approx(twin.sync.sync, abs=CLOSE)
    assert segments[2].sync.sync != pytest.approx(
        changed.segments[2].sync.sync, abs=1e-4
    )
    assert len(second) == 48


@pytest.mark.parametrize("stride", [0, 4])
def test_a_silent_video_has_no_synchrony(
    stride: int, run: LoadedRun, folder: Path
) -> None:
    scores = score_shards(run, folder, "", ScorerSettings(stride=stride))
    silent = of_name(scores, "silent")

    assert silent.sync.sync is None and silent.sync.probability is None
    assert (silent.sync.verdict, silent.sync.note) == ("", NOTHING_COMPARED)
    own = [row for row in scores.segments if row.id == "silent"]
    assert len(own) == 3 and all(row.sync.sync is None for row in own)
    for timeline in scores.timelines.get("silent", ()):
        assert np.isnan(timeline.sync).all()


def test_a_video_of_less_than_two_segments_is_not_judged(
    stored: ScoredVideos,
) -> None:
    found = of_name(stored, "short").sync

    assert found.sync is not None and found.curve
    assert found.probability is None and found.offset_ms is None
    assert (found.verdict, found.note) == ("", TOO_SHORT)


def test_other_videos_are_judged_by_the_calibration(stored: ScoredVideos) -> None:
    for name in ("plain", "cut", "late start"):
        found = of_name(stored, name).sync
        assert found.sync is not None and found.note == ""
        wanted = 1 / (1 + np.exp(-10 * found.sync))
        assert found.probability == pytest.approx(wanted)
        assert found.verdict == ("out of sync" if wanted >= 0.5 else "in sync")


def test_no_verdict_is_given_on_a_segment(stored: ScoredVideos) -> None:
    assert {row.sync.verdict for row in stored.segments} == {""}
    assert {row.sync.probability for row in stored.segments} == {None}


@pytest.mark.parametrize("stride", [0, 8])
@pytest.mark.parametrize("branches", ["visual", "audio"])
def test_a_single_branch_compares_nothing(
    branches: str, stride: int, videos: list[PreparedVideo]
) -> None:
    model = replace(TINY_MODEL, branches=branches)  # type: ignore[arg-type]
    run = run_of(RunConfig(model=model), (branches, "video"))

    scores = score_prepared(run, videos[:1], ScorerSettings(stride=stride))

    assert_nothing_compared(scores)


def test_features_that_nothing_trained_are_not_compared(
    videos: list[PreparedVideo],
) -> None:
    run = run_of(RunConfig(model=TINY_MODEL), ("visual", "audio"))

    assert_nothing_compared(score_prepared(run, videos[:1], ScorerSettings(stride=8)))


def assert_nothing_compared(scores: ScoredVideos) -> None:
    (video,) = scores.videos
    assert video.status == "ok"
    assert (video.sync.sync, video.sync.probability, video.sync.verdict) == (
        None,
        None,
        "",
    )
    assert video.sync.note == "this run was not trained to compare picture and sound"
    assert all(row.sync.sync is None for row in scores.segments)
    for (timeline,) in scores.timelines.values():
        assert np.isnan(timeline.sync).all()
