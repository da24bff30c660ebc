"""A face that is a photograph with sound is noted; a person who sits still is not."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.pipeline.face_choice import HARDLY_MOVES
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.photograph import LEAST_CHANGE, change_of, may_be_photograph
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import PrepSettings
from tests.helpers.lavfi import file_input, make
from tests.helpers.prepared import grey_track
from tests.helpers.scenes import speaker, write_scene

PEOPLE = PrepSettings(faces="people")
X264 = "-c:v libx264 -crf 23 -pix_fmt yuv420p"
MJPEG = "-c:v mjpeg -q:v 3 -pix_fmt yuvj420p"


def prepared(detector: FaceDetector, path: Path) -> PreparedVideo:
    found = attempt_video(VideoInfo(path.name, str(path)), PEOPLE, detector)
    assert isinstance(found, PreparedVideo), found
    return found


def still_of(path: Path, source: Path, codec: str) -> Path:
    """The first frame of a file for 2.8 s, with its sound."""
    still = "-vf loop=loop=-1:size=1:start=0,setpts=N/25/TB -r 25"
    return make(path, file_input(source), options=f"{still} {codec} -c:a aac -t 2.8")


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 s of a synthetic person who talks."""
    folder = tmp_path_factory.mktemp("talking")
    return write_scene(folder / "talking.mp4", speaker(3))


# Files


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", X264), ("a.mkv", MJPEG)])
def test_a_synthetic_still_is_noted_and_kept_whole(
    name: str, codec: str, talking: Path, detector: FaceDetector, tmp_path: Path
) -> None:
    """x264 refines a still picture bit by bit, and then repeats it to the end."""
    video = prepared(detector, still_of(tmp_path / name, talking, codec))
    (track,) = video.tracks
    assert (len(track), track.note, video.notes) == (70, HARDLY_MOVES, ())


@pytest.mark.parametrize("name", ["s01_bbaf2n", "s02_pwij3p", "s30_pbbm3n"])
def test_a_still_of_a_recording_is_noted_and_the_recording_is_not(
    name: str, media: Path, detector: FaceDetector, tmp_path: Path
) -> None:
    """The first and the third are those of all clips in which the faces change least."""
    recording = media / "clips" / f"grid_{name}.mpg"
    (track,) = prepared(detector, recording).tracks
    assert track.note == ""
    for still, codec in (("a.mp4", X264), ("a.mkv", MJPEG)):
        (track,) = prepared(
            detector, still_of(tmp_path / still, recording, codec)
        ).tracks
        assert track.note == HARDLY_MOVES
        assert len(track) >= 69


def test_a_person_who_talks_is_not_noted(talking: Path, detector: FaceDetector) -> None:
    (track,) = prepared(detector, talking).tracks
    assert track.note == ""


# The measure


def moved(image: np.ndarray, shift: float, zoom: float) -> np.ndarray:
    """The image under a camera that pans and zooms."""
    matrix = np.array([[zoom, 0, shift], [0, zoom, -shift / 2]])
    return np.asarray(
        cv2.warpAffine(
            image, matrix, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
        )
    )


def test_pans_zooms_and_noise_are_no_change() -> None:
    portrait = speaker(5)[0]
    generator = np.random.default_rng(7)
    crops = []
    for step in range(16):
        noise = generator.normal(scale=4, size=portrait.shape)
        seen = moved(portrait, shift=0.3 * step, zoom=1 + 0.002 * step) + noise
        crops.append(np.clip(seen, 0, 255).astype(np.uint8))
    change = change_of(crops)
    assert change is not None and change < LEAST_CHANGE


def test_a_mouth_that_moves_is_a_change() -> None:
    change = change_of(list(speaker(5)[:80:5]))
    assert change is not None and change > 2 * LEAST_CHANGE


def test_one_covered_crop_does_not_hide_a_photograph() -> None:
    crops = [speaker(5)[0]] * 16
    crops[5] = crops[5].copy()
    crops[5][100:200, 60:200] = 90
    change = change_of(crops)
    assert change is not None and change < LEAST_CHANGE


def test_nothing_is_said_of_crops_without_contrast() -> None:
    grey = np.full((224, 224, 3), 90, np.uint8)
    assert change_of([grey] * 5) is None
    assert not may_be_photograph([grey_track(100)], "jpeg")


def test_nothing_is_said_of_less_than_two_seconds(
    talking: Path, detector: FaceDetector, tmp_path: Path
) -> None:
    (track,) = prepared(detector, still_of(tmp_path / "a.mp4", talking, X264)).tracks
    assert may_be_photograph([track], "jpeg")
    brief = type(track)(
        start=0.0,
        crops=track.crops[:49],
        boxes=track.boxes[:49],
        probability=track.probability[:49],
        pcm=track.pcm[: 49 * 640],
        log_mel=track.log_mel[:3],
    )
    assert not may_be_photograph([brief], "jpeg")
