"""Faces of unequal size in one frame, and the smallest face that a user asks for."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from avdf.cache import Shard, shard_paths
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import PreparedVideo, Track, VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cli.main import app
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import FaceSettings, PrepSettings
from tests.helpers.following import followed
from tests.helpers.scenes import Frames, speaker, write_scene
from tests.helpers.tables import read_table

MARGIN = 1.3  # side of the crop for a face of side 1


def grey_frames(rows: int) -> Frames:
    """A wide scene without anybody."""
    return np.full((rows, 540, 960, 3), 140, np.uint8)


def scaled(frames: Frames, side: int) -> Frames:
    """Square frames at a smaller size."""
    small = [
        cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA)
        for frame in frames
    ]
    return np.stack(small).astype(np.uint8)


# Two faces, by the command


def prepare_all_faces(path: Path, out: Path) -> dict[str, str]:
    """Run `avdf prep --faces all` for one video; its row of videos.csv."""
    words = ["prep", str(path), "--faces", "all", "--workers", "1", "--out", str(out)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    (row,) = read_table(out / "videos.csv")
    return row


def test_two_faces_side_by_side_are_two_tracks(tmp_path: Path) -> None:
    both = np.concatenate([speaker(1)[:40], speaker(2)[:40]], axis=2)
    path = write_scene(tmp_path / "two.mp4", both)
    out = tmp_path / "out"

    row = prepare_all_faces(path, out)

    assert row["status"] == "ok", row["reason"]
    assert (row["faces"], row["tracks"], row["frames"]) == ("2", "2", "80")
    with Shard(shard_paths(out)[0]) as shard:
        boxes = shard.column("frames/box")
    centres = boxes[:, [0, 2]].mean(axis=1)
    # 40 rows of each speaker: one is left of the middle at 256, the other right of it.
    assert (centres < 256).sum() == 40
    assert (centres > 256).sum() == 40


# Sizes


def large_and_small() -> Frames:
    """A face of 270 pixels and one of 34, as in a discussion filmed from afar."""
    frames = grey_frames(40)
    doubled = speaker(2)[:40].repeat(2, axis=1).repeat(2, axis=2)
    frames[:, 14:526, 20:532] = doubled
    frames[:, 400:464, 800:864] = scaled(speaker(4)[:40], 64)
    return frames


def face_side(track: Track) -> float:
    """The mean side of the face, of which the crop takes more."""
    crop_sides = track.boxes[:, 2] - track.boxes[:, 0]
    return float(np.mean(crop_sides)) / MARGIN


@pytest.mark.parametrize(
    ("settings", "sides"),
    [
        (PrepSettings(), [270]),
        (PrepSettings(faces="all"), [34, 270]),
        (PrepSettings(faces="all", face=FaceSettings(smallest=200)), [270]),
    ],
    ids=["main", "all", "all above 200"],
)
def test_all_finds_faces_of_unequal_size(
    settings: PrepSettings,
    sides: list[int],
    tmp_path: Path,
) -> None:
    path = write_scene(tmp_path / "sizes.mp4", large_and_small())
    info = VideoInfo(id="sizes", path=str(path))

    video = attempt_video(info, settings, FaceDetector(settings.face))

    assert isinstance(video, PreparedVideo)
    assert [len(track) for track in video.tracks] == [40] * len(sides)
    found = sorted(face_side(track) for track in video.tracks)
    np.testing.assert_allclose(found, sides, rtol=0.25)


@pytest.fixture
def tiny_face() -> Frames:
    """A face of less than 36 pixels in 20 wide frames."""
    frames = grey_frames(20)
    frames[:, 100:148, 100:148] = scaled(speaker(2)[:20], 48)
    return frames


def test_a_tiny_face_is_not_looked_for(tiny_face: Frames) -> None:
    assert followed(tiny_face, FaceDetector(FaceSettings())) == []


def test_a_smaller_face_is_found_where_it_is_asked_for(tiny_face: Frames) -> None:
    detector = FaceDetector(FaceSettings(smallest=20))
    (face,) = followed(tiny_face, detector)
    assert len(face.track) == 20
    assert face.track.side < 36


# The option of the commands


@pytest.fixture
def prep_asked_for(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The smallest face of each preparation, which ends before it begins."""
    asked: list[int] = []

    def remember(
        listing: object,
        out: object,
        settings: PrepSettings,
        **_: object,
    ) -> None:
        asked.append(settings.face.smallest)
        raise SettingsError("enough")

    monkeypatch.setattr("avdf.preparing.run_prep", remember)
    return asked


def prep_words(size: int, folder: Path) -> list[str]:
    """The command line of a preparation of one short video."""
    path = write_scene(folder / "one.mp4", speaker(2)[:5])
    out = str(folder / "out")
    return ["prep", str(path), "--smallest-face", str(size), "--out", out]


def test_prep_takes_the_smallest_face(
    prep_asked_for: list[int],
    tmp_path: Path,
) -> None:
    result = CliRunner().invoke(app, prep_words(30, tmp_path))
    assert result.exit_code == 2
    assert "enough" in result.output
    assert prep_asked_for == [30]


def test_prep_refuses_a_face_that_is_too_small_to_find(
    prep_asked_for: list[int],
    tmp_path: Path,
) -> None:
    result = CliRunner().invoke(app, prep_words(5, tmp_path))
    assert result.exit_code == 2
    assert prep_asked_for == []


def test_score_takes_the_smallest_face(
    run: Path,
    synthetic_manifest: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def remember(
        info: VideoInfo, settings: PrepSettings, *_: object, **__: object
    ) -> Unprepared:
        asked.append(settings.face.smallest)
        return Unprepared(info, "no_face", "nobody")

    monkeypatch.setattr("avdf.pipeline.ahead.attempt_video", remember)
    clip = synthetic_manifest.parent / "p0_real.mp4"
    words = ["score", str(run), str(clip), "--smallest-face", "40"]

    result = CliRunner().invoke(app, words)

    assert result.exit_code == 3  # no video has got a verdict
    assert asked == [40]
