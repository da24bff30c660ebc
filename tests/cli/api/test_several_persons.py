"""A file with several persons: each is followed, judged, reported, and told to speak or not."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import avdf
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.clip_file import write_clip
from avdf.pipeline.synthetic.speaker import random_speaker
from tests.benchmarks.who_speaks import speaking_side, write_side_by_side
from tests.helpers.media import ffmpeg

SECONDS = 2.4
SETTINGS = PrepSettings(faces="people")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two synthetic persons side by side, who both talk; the sound is that of the left one."""
    folder = tmp_path_factory.mktemp("pair")
    alone = []
    for seed, group in ((1, "women"), (2, "men")):
        person = random_speaker(np.random.default_rng([91, seed, 0]), group)
        clip = generate_clip(person, SECONDS, np.random.default_rng([91, seed, 9]))
        alone.append(folder / f"{group}.mp4")
        write_clip(alone[-1], clip)
    path = folder / "pair.mp4"
    write_side_by_side(path, alone[0], alone[1], speaker_at_left=True)
    return path


@pytest.fixture(scope="module")
def scored(
    loaded_run: avdf.Run, pair: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[avdf.ScoreResult, Path]:
    """The result of the pair, and the folder of its tables."""
    out = tmp_path_factory.mktemp("scores") / "out"
    return loaded_run.score(pair, out=out), out


def test_each_person_has_verdicts_and_a_timeline(
    scored: tuple[avdf.ScoreResult, Path],
) -> None:
    result, _ = scored
    first, second = result.faces
    assert (first.face, second.face) == (1, 2)
    for face in (first, second):
        assert face.visual is not None and face.video is not None
        (track,) = face.tracks
        (timeline,) = face.timeline
        assert track.face == timeline.face == face.face
        assert face.end - face.start > SECONDS - 0.2
    assert len(result.segments) == sum(face.row.segments for face in result.faces)


def test_the_left_person_speaks(scored: tuple[avdf.ScoreResult, Path]) -> None:
    result, _ = scored
    left, right = sorted(result.faces, key=lambda face: face.row.seen.x1)
    assert (left.speaks, right.speaks) == ("yes", "no")


def test_the_verdicts_are_those_of_the_faces_that_they_name(
    scored: tuple[avdf.ScoreResult, Path],
) -> None:
    result, _ = scored
    numbers = result.row.faces
    by_number = {face.face: face for face in result.faces}
    assert numbers.video is not None and numbers.visual is not None
    assert result.video == by_number[numbers.video].video
    assert result.visual == by_number[numbers.visual].visual
    assert f"rests on face {numbers.video}" in str(result)


def test_tables_and_report_have_every_person(
    scored: tuple[avdf.ScoreResult, Path],
) -> None:
    result, out = scored
    with (out / "faces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["face"] for row in rows] == ["1", "2"]
    assert {row["id"] for row in rows} == {"pair.mp4"}
    report = (out / "report.html").read_text(encoding="utf-8")
    assert report.count('<svg class="time"') == 2
    assert "<h4>Face 1" in report and "<h4>Face 2" in report
    document = json.loads(result.as_json())
    faces = document["faces"]["pair.mp4"]
    assert [row["face"] for row in faces["verdicts"]] == [1, 2]
    timelines = document["timelines"]["pair.mp4"]
    assert [timeline["face"] for timeline in timelines] == [1, 2]


def test_a_case_shows_the_face_of_each_segment(
    loaded_run: avdf.Run, pair: Path, tmp_path: Path
) -> None:
    case = avdf.make_case(pair, loaded_run, tmp_path / "case").folder
    with (case / "crops.csv").open(encoding="utf-8") as file:
        assert {crop["face"] for crop in csv.DictReader(file)} == {"1", "2"}
    with (case / "segments.csv").open(encoding="utf-8") as file:
        second = [row for row in csv.DictReader(file) if row["face"] == "2"]
    page = (case / "report.html").read_text(encoding="utf-8")
    assert page.count('data-name="face">2<') == len(second) > 0


# Recordings


def prepared(path: Path, detector: FaceDetector) -> PreparedVideo:
    return prepare_video(VideoInfo(path.name, str(path)), SETTINGS, detector)


@pytest.mark.parametrize("at_left", [True, False])
def test_the_speaker_of_two_recordings_is_named(
    at_left: bool, media: Path, detector: FaceDetector, tmp_path: Path
) -> None:
    speaking, silent = (
        media / "clips" / name
        for name in ("grid_s26_swiz3n.mpg", "grid_s31_bgix9s.mpg")
    )
    path = tmp_path / "pair.mp4"
    write_side_by_side(path, speaking, silent, speaker_at_left=at_left)
    side = speaking_side(prepared(path, detector))
    assert side == ("left" if at_left else "right")


def test_a_speaker_who_comes_back_is_one_person(
    media: Path, detector: FaceDetector, tmp_path: Path
) -> None:
    """One speaker, a cut to another one, and a cut back."""
    first, other = (
        str(media / "clips" / name)
        for name in ("grid_s26_swiz3n.mpg", "grid_s31_bgix9s.mpg")
    )
    path = tmp_path / "cuts.mp4"
    parts = (
        "[0:v]split[a][b];[a]trim=0:1,setpts=PTS-STARTPTS[first];"
        "[b]trim=2:3,setpts=PTS-STARTPTS[last];[1:v]trim=0:1,setpts=PTS-STARTPTS[other];"
        "[first][other][last]concat=n=3:v=1:a=0[v]"
    )
    ffmpeg(
        *("-i", first, "-i", other, "-filter_complex", parts),
        *("-map", "[v]", "-map", "0:a", "-c:v", "libx264", "-crf", "18"),
        *("-c:a", "aac", str(path)),
    )
    video = prepared(path, detector)
    assert [track.face for track in video.tracks] == [1, 2, 1]


def test_a_small_face_beside_a_large_one_is_found(
    media: Path, detector: FaceDetector, tmp_path: Path
) -> None:
    """It is smaller than an eighth of the frame, which is what a search looks for at first."""
    large, small = (
        str(media / "clips" / name)
        for name in ("grid_s26_swiz3n.mpg", "grid_s31_bgix9s.mpg")
    )
    path = tmp_path / "small.mp4"
    scene = (
        "[0:v]scale=640:512[a];[1:v]scale=230:184[b];"
        "color=gray:s=1280x720:r=25:d=1[c];[c][a]overlay=20:150[d];"
        "[d][b]overlay=900:300:shortest=1[v]"
    )
    ffmpeg(
        *("-i", large, "-i", small, "-filter_complex", scene, "-map", "[v]"),
        *("-map", "0:a", "-t", "1", "-c:v", "libx264", "-crf", "16", "-c:a", "aac"),
        str(path),
    )
    video = prepared(path, detector)
    sides = sorted(
        float((track.boxes[:, 2] - track.boxes[:, 0]).mean()) for track in video.tracks
    )
    assert len(sides) == 2 and sides[0] < 1.3 * 1280 / 8
    alone = prepare_video(VideoInfo("a", str(path)), PrepSettings(), detector)
    assert len(alone.tracks) == 1
