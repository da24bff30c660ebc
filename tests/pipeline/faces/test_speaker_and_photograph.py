"""Which face is kept: one that talks rather than a photograph, however large that is."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.main_face import main_tracks
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.probe import probe
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import Limits, PrepSettings
from tests.helpers.following import followed, followed_pictures
from tests.helpers.scenes import Frames, speaker, write_scene

LEAST_ROWS = 16  # of a track, in `main_tracks`


def beside_a_photograph() -> Frames:
    """A small person who talks, and a photograph four times as large."""
    noise = np.random.default_rng(1).integers(-5, 6, (50, 512, 512, 1))
    photograph = speaker(4)[0].repeat(2, axis=0).repeat(2, axis=1)
    frames = np.full((50, 512, 800, 3), 140, np.uint8)
    frames[:, :, 288:] = np.clip(photograph[None] + noise, 0, 255)
    frames[:, 128:384, :256] = speaker(2)[:50]
    return frames


@pytest.fixture
def video(tmp_path: Path, detector: FaceDetector) -> PreparedVideo:
    """The person beside the photograph, prepared."""
    path = write_scene(tmp_path / "photo.mp4", beside_a_photograph())
    info = VideoInfo(id="photo", path=str(path))
    prepared = attempt_video(info, PrepSettings(), detector)
    assert isinstance(prepared, PreparedVideo)
    return prepared


def test_the_face_that_talks_wins_over_a_larger_photograph(
    video: PreparedVideo,
) -> None:
    (track,) = video.tracks
    assert len(track) == 50
    # The person is in the left 256 columns, the photograph begins at 288.
    assert (track.boxes[:, 2] < 300).all()


def test_the_row_says_that_somebody_else_was_there(video: PreparedVideo) -> None:
    row = VideoRow.prepared(video, "")
    assert row.faces == 2
    assert "1 other face beside the one that is kept" in row.reason


def shaking_photograph(photograph: DecodedFrame, row: int) -> DecodedFrame:
    """One picture before a camera in the hand, with its noise."""
    luma, *chroma = photograph.planes
    height, width = luma.shape
    shift_x, shift_y = 5 * np.sin(row / 3), 4 * np.sin(row / 4)
    move = np.array([[1, 0, shift_x], [0, 1, shift_y]])
    moved = cv2.warpAffine(
        luma,
        move,
        (width, height),
        borderMode=cv2.BORDER_REPLICATE,
    )
    noise = np.random.default_rng(row).normal(scale=2.5, size=moved.shape)
    noisy = np.clip(moved + noise, 0, 255).astype(np.uint8)
    return DecodedFrame(row, (noisy, chroma[0], chroma[1]), photograph.colour)


def real_shot(media: Path, name: str) -> list[DecodedFrame]:
    """The frames of a recording of the GRID corpus."""
    path = media / "clips" / f"grid_{name}.mpg"
    with Decoder(probe(path, Limits()), Limits()) as decoder:
        return list(decoder.frames())


@pytest.mark.parametrize("name", ["s02_pwij3p", "s26_bgbsza", "s30_bwwy5n"])
def test_a_photograph_does_not_move_a_speaker_does(
    name: str,
    media: Path,
    detector: FaceDetector,
) -> None:
    shot = real_shot(media, name)
    photograph = [shaking_photograph(shot[5], row) for row in range(75)]

    (talking,) = followed_pictures(shot, detector)
    (still,) = followed_pictures(photograph, detector)

    motions = [talking.motion(), still.motion()]
    assert motions[0] > 1.5 * motions[1]
    tracks = [talking.track, still.track]
    assert main_tracks(tracks, LEAST_ROWS, motions) == [talking.track]


@pytest.fixture
def portrait(detector: FaceDetector) -> FollowedFace:
    """A face in 40 rows of one picture."""
    frames = np.repeat(speaker(4)[:1], 40, axis=0)
    (face,) = followed(frames, detector)
    return face


def test_a_portrait_does_not_move(portrait: FollowedFace) -> None:
    assert portrait.motion() < 0.03


def test_a_still_face_is_kept_where_nobody_else_is(portrait: FollowedFace) -> None:
    """There is no face to prefer: a portrait that does not move is judged as well."""
    kept = main_tracks([portrait.track], LEAST_ROWS, [portrait.motion()])
    assert kept == [portrait.track]
