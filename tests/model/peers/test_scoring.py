"""Shards scored with detectors of others: rows, errors of single videos, fitting."""

import re
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.cache.stream.clips import TrackClip
from avdf.cache.stream.index import index_folder
from avdf.model.peers import cutting
from avdf.model.peers.cutting import pieces
from avdf.model.peers.loading import load_peer
from avdf.model.peers.scoring import peer_job, score_job
from avdf.model.scoring.rows import ScoredVideos, VideoScore
from avdf.model.verdicts import PerVerdict
from tests.helpers.peer_modules import (
    BRIGHTNESS,
    scoring_module,
    write_module,
    write_peer_shards,
)

ALL_OF_TEST = ["a", "b", "silent", "long", "c", "d"]


@pytest.fixture(autouse=True)
def path_of_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    return write_peer_shards(tmp_path / "shards")


def scored(shards: Path, spec: str, split: str = "test") -> ScoredVideos:
    peer = load_peer(spec, shards.parent)
    return score_job(peer_job(peer, shards, split, "dataset"))


def by_id(scores: ScoredVideos) -> dict[str, VideoScore]:
    return {video.info.id: video for video in scores.videos}


def test_a_video_has_the_mean_of_its_windows(shards: Path) -> None:
    name = write_module(shards.parent, BRIGHTNESS)
    scores = scored(shards, f"{name}:Brightness")
    assert [video.info.id for video in scores.videos] == ALL_OF_TEST
    videos = index_folder(shards).videos
    means: dict[str, list[float]] = {}
    for piece in pieces(videos, "window"):
        own = means.setdefault(videos[piece.video].info.id, [])
        own.append(piece.footage.frames.mean() / 255)
    for row in scores.videos:
        assert row.probability.visual == pytest.approx(np.mean(means[row.info.id]))
        assert row.probability.video is None and row.verdict.video == ""
        assert row.segments == len(means[row.info.id])
        assert row.status == "ok" and row.distance is None
        assert row.sync.probability is None and row.sync.note == ""
    assert len(scores.segments) == sum(len(means[name]) for name in ALL_OF_TEST)


def test_what_a_video_does_not_have_is_not_judged(shards: Path) -> None:
    name = write_module(shards.parent, BRIGHTNESS)
    rows = by_id(scored(shards, f"{name}:Brightness"))
    assert rows["a"].probability.audio == 0.25 and rows["a"].examined == "both"
    assert rows["silent"].probability.audio is None
    assert rows["silent"].examined == "picture"


def test_a_detector_of_the_picture_judges_silent_videos(shards: Path) -> None:
    spec = scoring_module(
        shards.parent,
        "return [PerVerdict(.7, None, .7) for _ in footage]",
        takes="picture",
        judges=("visual", "video"),
    )
    rows = by_id(scored(shards, spec))
    assert rows["silent"].probability == PerVerdict(0.7, None, 0.7)
    assert {row.examined for row in rows.values()} == {"picture"}
    assert rows["silent"].verdict.video == "fake"


@pytest.mark.parametrize("batch", [1, 3, 32])
@pytest.mark.parametrize("unit", ["window", "video"])
def test_an_error_costs_one_video(shards: Path, batch: int, unit: str) -> None:
    # Only the video of 56 rows has a track that starts later than 1 s.
    body = (
        "if any(track.start > 1.5 for one in footage for track in one.tracks):\n"
        "    raise RuntimeError('shape\\nof it')\n"
        "return [PerVerdict(None, None, .6) for _ in footage]"
    )
    spec = scoring_module(shards.parent, body, batch=batch, unit=unit)
    scores = scored(shards, spec)
    rows = by_id(scores)
    assert rows["long"].status == "detector_failed"
    assert "RuntimeError: shape of it (peer_under_test_" in rows["long"].reason
    assert rows["long"].probability == PerVerdict(None, None, None)
    assert {rows[name].status for name in ("a", "b", "c", "d")} == {"ok"}
    assert rows["a"].probability.video == pytest.approx(0.6)
    assert not any(segment.id == "long" for segment in scores.segments)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise SystemExit('bye')", "SystemExit: bye"),
        ("raise BaseException('odd')", "BaseException: odd"),
        ("return self.score(footage)", "RecursionError"),
        ("yield 5", "returned a generator"),
        ("return None", "returned a NoneType"),
        ("return [PerVerdict(None, None, 3.0)] * len(footage)", "of video is 3"),
        ("return [.5]", "gave 1 answers|gave a float"),
        ("return footage[0].frames.reshape(7, -1)", "Peer.: score.. gave 7 answers"),
        ("print('x'); return undefined", "NameError"),
    ],
)
def test_a_detector_that_always_fails_gives_rows(
    shards: Path, body: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = scored(shards, scoring_module(shards.parent, body))
    assert {row.status for row in scores.videos} == {"detector_failed"}
    for row in scores.videos:
        assert re.search(reason, row.reason), row.reason
    assert capsys.readouterr().out == ""


def test_what_a_detector_changes_around_it_is_set_right(
    shards: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shards.parent)
    body = (
        "import os, sys\n"
        "print('\\x1b[31mred')\n"
        "sys.stdout.close()\n"
        "os.chdir('/')\n"
        "for one in footage: one.frames[:] = 0; one.pcm[:] = 0\n"
        "return [PerVerdict(None, None, .5) for _ in footage]"
    )
    scores = scored(shards, scoring_module(shards.parent, body, batch=1))
    assert {row.status for row in scores.videos if row.info.id != "silent"} == {"ok"}
    assert Path.cwd() == shards.parent
    print("still open")
    printed = capsys.readouterr()
    assert printed.out == "still open\n"
    assert "\x1b" not in printed.err and "red" in printed.err


def test_ctrl_c_ends_the_job(shards: Path) -> None:
    spec = scoring_module(shards.parent, "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        scored(shards, spec)


def test_what_was_not_examined_is_left_out_of_the_mean(shards: Path) -> None:
    # The second track of `long` starts at 2 s: its windows are not examined, or are NaN.
    body = (
        "late = [one.tracks[0].start >= 2 for one in footage]\n"
        "nan = float('nan')\n"
        "return [PerVerdict(nan if l else .25, None, None if l else .5) for l in late]"
    )
    rows = by_id(scored(shards, scoring_module(shards.parent, body)))
    assert rows["long"].probability == PerVerdict(0.25, None, 0.5)
    assert "gave NaN, which counts as not examined: visual 2 times" in (
        rows["long"].reason
    )
    assert rows["a"].reason == ""


def test_a_video_of_which_nothing_was_examined_has_no_scores(shards: Path) -> None:
    body = "return [PerVerdict(None, None, None) for _ in footage]"
    rows = by_id(scored(shards, scoring_module(shards.parent, body)))
    assert {row.status for row in rows.values()} == {"not_judged"}
    assert rows["a"].reason == "test examined nothing of it"


def test_too_long_a_video_says_so(
    shards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "MOST_ROWS", 40)
    body = "return [PerVerdict(None, None, .5) for _ in footage]"
    spec = scoring_module(shards.parent, body, unit="video", judges=("video",))
    scores = scored(shards, spec)
    rows = by_id(scores)
    assert rows["long"].status == "too_long" and rows["a"].status == "ok"
    assert scores.segments == () and rows["a"].segments == 0


def test_a_damaged_video_is_named(shards: Path) -> None:
    spec = scoring_module(
        shards.parent, "return [PerVerdict(None, None, .5) for _ in footage]"
    )
    peer = load_peer(spec, shards.parent)
    job = peer_job(peer, shards, "test", "dataset")
    (path,) = shards.glob("*.h5")
    with h5py.File(path, "r+") as file:
        # The first crop of the video `b` is no JPEG any more.
        row = 32
        start, end = file["frames/offset"][row : row + 2]
        file["frames/bytes"][start:end] = 0
    rows = by_id(score_job(job))
    assert rows["b"].status == "damaged" and rows["a"].status == "ok"


def test_thresholds_are_half_unless_the_detector_has_its_own(shards: Path) -> None:
    body = "return [PerVerdict(None, None, .4) for _ in footage]"
    plain = scoring_module(shards.parent, body)
    job = peer_job(load_peer(plain, shards.parent), shards, "test", "dataset")
    assert job.judgement.thresholds.is_default("video")
    own = scoring_module(shards.parent, body, thresholds=PerVerdict(0.5, 0.5, 0.3))
    job = peer_job(load_peer(own, shards.parent), shards, "test", "dataset")
    assert job.judgement.thresholds.origin == "detector"
    rows = by_id(score_job(job))
    assert rows["a"].verdict.video == "fake"


def test_a_perturbation_changes_what_is_scored(shards: Path) -> None:
    name = write_module(shards.parent, BRIGHTNESS)
    job = peer_job(load_peer(f"{name}:Brightness", shards.parent), shards)

    def black(clip: TrackClip) -> TrackClip:
        frames = np.zeros_like(clip.frames)
        return TrackClip(clip.video, clip.start, frames, clip.pcm, clip.last)

    found = score_job(job, black).scored
    assert [row.probability.visual for row in found] == [0.0] * 6


FITTED = """
from avdf.model.peers import PeerDescription, PerVerdict
class Peer:
    def __init__(self): self.seen = []
    def describe(self):
        return PeerDescription("learner", unit=UNIT, notes=(f"saw {len(self.seen)}",))
    def fit(self, examples):
        self.seen = [(one.labels.video, len(one.footage.frames)) for one in examples]
    def score(self, footage):
        return [PerVerdict(None, None, .5) for _ in footage]
"""


@pytest.mark.parametrize(("unit", "count"), [("window", 8), ("video", 4)])
def test_fit_sees_the_training_videos_alone(
    shards: Path, unit: str, count: int
) -> None:
    name = write_module(shards.parent, FITTED.replace("UNIT", repr(unit)))
    peer = load_peer(f"{name}:Peer", shards.parent)
    job = peer_job(peer, shards, "test", "dataset")
    rows = 16 if unit == "window" else 32
    seen = peer.detector.seen  # type: ignore[attr-defined]
    each = count // 4
    assert seen == [(label, rows) for label in (0, 1, 0, 1) for _ in range(each)]
    assert job.peer.fitted_on == 4
    assert "fitted on 4 videos of the split train (protocol dataset" in (
        job.judgement.rests_on
    )
    scores = score_job(job)
    assert scores.trained_on == 0 and scores.notes == (f"saw {count}",)
    assert peer_job(peer, shards, "", "dataset").choice.trained_on == 4


def test_without_training_videos_nothing_is_fitted(shards: Path) -> None:
    name = write_module(shards.parent, FITTED.replace("UNIT", "'window'"))
    with pytest.raises(SettingsError, match="assigns none of these shards to train"):
        peer_job(load_peer(f"{name}:Peer", shards.parent), shards, "", "all-test")


def test_an_error_of_fit_ends_the_job_with_its_words(shards: Path) -> None:
    source = FITTED.replace("UNIT", "'window'").replace("self.seen = [(", "bad = [[")
    source = source.replace(") for one", "] for one")
    source = source.replace("one.labels.video", "one.label")
    name = write_module(shards.parent, source)
    with pytest.raises(SettingsError, match=r"fit\(\) fails: AttributeError"):
        peer_job(load_peer(f"{name}:Peer", shards.parent), shards)
