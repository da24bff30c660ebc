"""The report of one file shows every face track at its time, and nothing between them."""

import re
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.writer import ShardWriter
from avdf.cache.stream.index import list_shard_videos
from avdf.model.report.evidence import prepared_evidence, shard_evidence
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from tests.helpers.command import call
from tests.helpers.scenes import speaker, write_scene

LEFT, WIDTH = 66, 720  # of the pictures in the report's SVG


@pytest.fixture(scope="module")
def two_speakers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One speaker for 1.6 s, an empty picture for 1.2 s, another speaker for 1.6 s."""
    empty = np.full((30, *speaker(0).shape[1:]), 90, np.uint8)
    frames = np.concatenate([speaker(0)[:40], empty, speaker(1)[:40]])
    return write_scene(tmp_path_factory.mktemp("cut") / "cut.mp4", frames)


def test_the_report_shows_every_track_of_a_file(
    two_speakers: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    code, text = call("score", run, two_speakers, "--out", tmp_path)
    assert code == 0, text
    pictures = re.findall(
        r'<svg class="time".*?</svg>',
        (tmp_path / "report.html").read_text(encoding="utf-8"),
    )
    assert len(pictures) == 2, "one of each person"
    lines = [
        [float(pair.split(",")[0]) for pair in points.split()]
        for picture in pictures
        for points in re.findall(r'points="([^"]+)"', picture)
    ]
    assert len(lines) == 8, "three verdicts and the distance, of each of two tracks"
    empty = [LEFT + WIDTH * second / 4.4 for second in (1.9, 2.5)]
    for line in lines:
        assert max(line) < empty[0] or min(line) > empty[1], "no line where no face was"
    assert max(max(line) for line in lines) > LEFT + 0.95 * WIDTH
    for picture in pictures:
        ticks = re.findall(r">([0-9.]+) s</text>", picture)
        assert ticks[-1] == "4", "both have the axis of the whole file"


def test_crops_and_mel_cover_the_whole_time(
    two_speakers: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    video = prepare_video(
        VideoInfo(id="cut", path=str(two_speakers)), PrepSettings(), detector
    )
    assert len(video.tracks) == 2
    with ShardWriter(tmp_path / "shard-00000.h5", {}) as writer:
        writer.add(video)
    (stored,) = list_shard_videos(tmp_path)
    for evidence in (prepared_evidence(video), shard_evidence(stored)):
        assert (evidence.start, evidence.end) == pytest.approx((0, 4.4), abs=0.1)
        times = np.array(evidence.times)
        assert (
            len(times) == 10
            and (times < 1.7).sum() >= 3
            and (times > 2.7).sum() >= 3
            and np.isnan(times).any()
        )
        blank = [len(np.unique(crop)) == 1 for crop in evidence.crops]
        assert blank == np.isnan(times).tolist()
        heard = ~np.isnan(evidence.mel[0])
        assert heard[:155].all() and not heard[190:250].any() and heard[300:430].all()


def test_the_report_of_shards_shows_every_track_of_a_video(
    two_speakers: Path,
    detector: FaceDetector,
    run: Path,
    tmp_path: Path,
) -> None:
    """Without a timeline the curves are steps, one for each segment."""
    video = prepare_video(
        VideoInfo(id="cut", path=str(two_speakers)), PrepSettings(), detector
    )
    (tmp_path / "shards").mkdir()
    with ShardWriter(tmp_path / "shards" / "shard-00000.h5", {}) as writer:
        writer.add(video)
    code, text = call(
        "score", run, tmp_path / "shards", "--split", "all", "--out", tmp_path / "out"
    )
    assert code == 0, text
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    (picture,) = re.findall(r'<svg class="time".*?</svg>', page)
    assert picture.count("<polyline") == 8
