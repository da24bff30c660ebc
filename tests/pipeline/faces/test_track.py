"""Tracks and following: laws of the geometry, and faces that come, go and change."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from facenet_pytorch import MTCNN
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.video import Track, VideoInfo
from avdf.pipeline.faces.boxes import overlap
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.follow import FaceFollower, follow
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.track import FaceTrack
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import FaceSettings, PrepSettings
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.speaker import random_speaker
from tests.helpers.following import check_rows, crop_of_row, spans
from tests.helpers.tracks import make_box, make_track

SMOOTH = 6  # rows to each side over which a square is averaged
MARGIN = 1.3  # side of the square for a face of side 1


@given(st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 8))
def test_a_steady_motion_is_followed_without_lag(
    dx: float,
    dy: float,
    smooth: int,
) -> None:
    # Width 50, height 60, centre (125, 130).
    start = np.array([100, 100, 150, 160], np.float32)
    shift = np.array([dx, dy, dx, dy], np.float32)
    track = FaceTrack()
    for row in range(0, 61, 5):
        track.add(row, Detection(start + shift * row, 0.99))

    squares = track.squares(0, 61, smooth, MARGIN)

    # Beside the ends, where the average has as many rows before as after.
    rows = np.arange(smooth, 61 - smooth)
    inner = squares[rows]
    centres = (inner[:, :2] + inner[:, 2:]) / 2
    wanted = np.array([125, 130]) + rows[:, None] * [dx, dy]
    np.testing.assert_allclose(centres, wanted, atol=0.02)
    sides = inner[:, 2] - inner[:, 0]
    np.testing.assert_allclose(sides, 60 * MARGIN, rtol=1e-4)


def shaking_track() -> FaceTrack:
    """A face of 80 pixels that is somewhere else in each sighting."""
    generator = np.random.default_rng(0)
    track = FaceTrack()
    for row in range(0, 100, 5):
        x, y = generator.uniform(0, 20, 2)
        track.add(row, Detection(make_box(x, y, 80, 80), 0.9))
    return track


def test_a_box_does_not_depend_on_when_it_is_asked_for() -> None:
    track = shaking_track()
    rows = 96  # up to the last sighting
    whole = track.squares(0, rows, SMOOTH, MARGIN)

    pieces = []
    for first in range(0, rows, 7):
        stop = min(first + 7, rows)
        pieces.append(track.squares(first, stop, SMOOTH, MARGIN))

    np.testing.assert_array_equal(whole, np.concatenate(pieces))


def test_sightings_go_forward() -> None:
    track = make_track(0, 5)
    again = Detection(np.zeros(4, np.float32), 1.0)
    with pytest.raises(ValueError, match="go forward"):
        track.add(5, again)


class Scripted(FaceDetector):
    """A detector that knows where faces are: `faces[row]` lists their boxes."""

    def __init__(self, faces: Sequence[Sequence[Box]]) -> None:
        self.settings = FaceSettings()
        self.faces = faces
        self.searches = 0

    def search(
        self,
        pictures: Sequence[DecodedFrame],
        smallest: float = 0.0,
    ) -> list[list[Detection]]:
        self.searches += 1
        found = []
        for picture in pictures:
            boxes = self.faces[picture.row]
            found.append([Detection(np.asarray(box), 0.99) for box in boxes])
        return found

    def refine(
        self,
        pictures: Sequence[DecodedFrame],
        guesses: Sequence[Box],
    ) -> list[Detection]:
        return [
            self.confirm(self.faces[picture.row], guess)
            for picture, guess in zip(pictures, guesses, strict=True)
        ]

    def confirm(self, boxes: Sequence[Box], guess: Box) -> Detection:
        """The face near the guess, or the guess itself with a low probability."""
        for box in boxes:
            if overlap(np.asarray(box), guess) > 0.3:
                return Detection(np.asarray(box), 0.99)
        return Detection(guess, 0.1)


def stream(rows: int, cuts: Sequence[int] = ()) -> Iterator[DecodedFrame]:
    """Flat frames, dark and bright in turn from cut to cut."""
    chroma = np.full((60, 80), 128, np.uint8)
    for row in range(rows):
        shots_before = sum(cut <= row for cut in cuts)
        shade = 40 + 120 * (shots_before % 2)
        # Each frame differs from the one before it: a frozen frame is another matter.
        luma = np.full((120, 160), shade + row % 2, np.uint8)
        yield DecodedFrame(row, (luma, chroma, chroma), Colour())


def run(faces: Sequence[Sequence[Box]], cuts: Sequence[int] = ()) -> list[FollowedFace]:
    """Follow the faces; whatever happened, each has one crop a row, of that very row."""
    frames = stream(len(faces), cuts)
    found, rows, *_ = follow(frames, Scripted(faces), crop_of_row)
    assert rows == len(faces)
    check_rows(found)
    return found


A = np.array([20, 20, 60, 70], np.float32)
B = np.array([100, 30, 130, 66], np.float32)
NOBODY: list[list[Box]] = [[]]
ONE = [[A]]


def test_one_face_is_one_track() -> None:
    assert spans(run(ONE * 130)) == [(0, 129)]


def test_a_calm_picture_is_rarely_searched() -> None:
    detector = Scripted(ONE * 300)
    follow(stream(300), detector, crop_of_row)
    assert detector.searches <= 6


def test_a_scene_cut_breaks_a_track_where_it_falls() -> None:
    found = run(ONE * 90, cuts=[37])
    assert spans(found) == [(0, 36), (37, 89)]


def test_a_short_loss_is_bridged() -> None:
    found = run(ONE * 40 + NOBODY * 8 + ONE * 60)
    assert spans(found) == [(0, 107)]


# Between two confirmations of a face lie up to 5 rows: in these it may begin or end.


def test_a_long_loss_breaks_a_track() -> None:
    before, after = spans(run(ONE * 40 + NOBODY * 40 + ONE * 60))
    assert before[0] == 0
    assert 35 <= before[1] <= 39
    assert 80 <= after[0] <= 85
    assert after[1] == 139


def test_a_late_face_is_followed_back_to_where_it_came_in() -> None:
    ((first, last),) = spans(run(NOBODY * 60 + ONE * 60))
    assert 60 <= first <= 65
    assert last == 119


def test_a_face_that_leaves_ends_where_it_left() -> None:
    ((first, last),) = spans(run(ONE * 63 + NOBODY * 60))
    assert first == 0
    assert 57 <= last <= 62


def test_several_faces_are_several_tracks() -> None:
    found = run([[A, B]] * 80 + [[B]] * 40)
    assert len(found) == 2
    ends = sorted(face.track.last for face in found)
    assert ends[1] == 119


def test_no_face_is_no_track() -> None:
    assert run(NOBODY * 70) == []


def test_memory_does_not_grow_with_the_video() -> None:
    follower = FaceFollower(Scripted(ONE * 2000), crop_of_row)
    most = 0
    for picture in stream(2000):
        follower.feed(picture)
        most = max(most, len(follower._frames))
    assert most <= 50


# Whether the face is there, and for how many rows.
stays = st.tuples(st.booleans(), st.integers(1, 40))


def faces_of(pattern: list[tuple[bool, int]]) -> list[list[Box]]:
    """The boxes in each row."""
    faces: list[list[Box]] = []
    for is_there, rows in pattern:
        faces += (ONE if is_there else NOBODY) * rows
    return faces


@given(st.lists(stays, min_size=1, max_size=6), st.lists(st.integers(1, 150)))
def test_any_coming_and_going_gives_whole_tracks(
    pattern: list[tuple[bool, int]],
    cuts: list[int],
) -> None:
    faces = faces_of(pattern)

    found = run(faces, cuts=sorted(set(cuts)))

    covered: list[int] = []
    for first, last in spans(found):
        covered += range(first, last + 1)
        # A track begins and ends at a sighting.
        assert faces[first]
        assert faces[last]
    assert len(covered) == len(set(covered))


def corner_frame() -> DecodedFrame:
    """A frame of 960 x 540 with a small speaker 128 pixels wide at the right of it."""
    person = random_speaker(np.random.default_rng(5), "men")
    clip = generate_clip(person, 0.4, np.random.default_rng(0))
    small = clip.frames[0][::2, ::2].astype(np.float32)
    luma = np.full((540, 960), 90, np.uint8)
    # BT.601, limited range.
    inset = small @ [0.257, 0.504, 0.098] + 16
    luma[380:508, 800:928] = inset.astype(np.uint8)
    grey = np.full((540, 960), 128, np.uint8)
    return DecodedFrame(0, (luma, grey, grey), Colour())


def test_a_picture_in_a_corner_is_found(detector: FaceDetector) -> None:
    """A face a twelfth of the picture wide: only the finer search sees it."""
    finer = detector.settings.fine_face
    ((face,),) = detector.search([corner_frame()], finer)
    assert 800 < face.box[0] < 928


# Real recordings, against MTCNN of facenet-pytorch on frames of full size


def sides(boxes: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Width and height of each box."""
    return boxes[..., 2:] - boxes[..., :2]


def share_inside(face: Box, crop: Box) -> float:
    """How much of the face the crop holds."""
    last = np.minimum(face[2:], crop[2:])
    first = np.maximum(face[:2], crop[:2])
    inside = np.prod(np.clip(last - first, 0, None))
    return float(inside / np.prod(sides(face)))


def rgb_frames(path: Path) -> list[npt.NDArray[Any]]:
    """All frames, decoded by PyAV."""
    with av.open(str(path)) as container:
        decoded = container.decode(video=0)
        return [frame.to_ndarray(format="rgb24") for frame in decoded]


def prepared_track(path: Path, detector: FaceDetector) -> Track:
    info = VideoInfo(id=path.name, path=str(path))
    (track,) = prepare_video(info, PrepSettings(), detector).tracks
    return track


@pytest.fixture(scope="module")
def recordings(media: Path, detector: FaceDetector) -> dict[Path, Track]:
    """Every fifth recording, and the only track of it."""
    paths = sorted((media / "clips").glob("*.mp[g4]"))[::5]
    return {path: prepared_track(path, detector) for path in paths}


def test_crops_hold_the_face_that_full_size_mtcnn_finds(
    recordings: dict[Path, Track],
) -> None:
    plain = MTCNN(min_face_size=40)
    shares = []
    for path, track in recordings.items():
        frames = rgb_frames(path)
        for row in range(0, len(track), 12):
            found, _ = plain.detect(frames[row])
            face = np.asarray(found[0], np.float32)
            shares.append(share_inside(face, track.boxes[row]))
    inside = [share >= 0.95 for share in shares]
    assert len(inside) >= 25
    assert np.mean(inside) >= 0.98


def test_crops_of_real_speakers_are_still(recordings: dict[Path, Track]) -> None:
    assert recordings
    for track in recordings.values():
        centres = (track.boxes[:, :2] + track.boxes[:, 2:]) / 2
        steps = np.abs(np.diff(centres, axis=0))
        side = sides(track.boxes[0])[0]
        assert steps.max() < 0.03 * side
