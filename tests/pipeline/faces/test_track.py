"""Tracks and following: laws of the geometry, and faces that come, go and change."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.video import VideoInfo
from avdf.pipeline.faces.boxes import overlap
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.follow import follow
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.track import FaceTrack
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import FaceSettings, PrepSettings
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.speaker import random_speaker
from tests.helpers.tracks import make_track


@given(st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 8))
def test_a_steady_motion_is_followed_without_lag(
    dx: float,
    dy: float,
    smooth: int,
) -> None:
    start = np.array([100, 100, 150, 160], np.float32)
    shift = np.array([dx, dy, dx, dy], np.float32)
    track = FaceTrack()
    for row in range(0, 61, 5):
        track.add(row, Detection(start + shift * row, 0.99))
    squares = track.squares(0, 61, smooth, 1.3)
    for row in range(smooth, 61 - smooth):
        centre = (squares[row, :2] + squares[row, 2:]) / 2
        np.testing.assert_allclose(centre, [125 + dx * row, 130 + dy * row], atol=0.02)
        np.testing.assert_allclose(
            squares[row, 2] - squares[row, 0],
            60 * 1.3,
            rtol=1e-4,
        )


def test_a_box_does_not_depend_on_when_it_is_asked_for() -> None:
    generator, track = np.random.default_rng(0), FaceTrack()
    for row in range(0, 100, 5):
        corner = generator.uniform(0, 20, 2)
        track.add(row, Detection(np.array([*corner, *(corner + 80)], np.float32), 0.9))
    whole = track.squares(0, 96, 6, 1.3)
    parts = np.concatenate(
        [track.squares(at, min(at + 7, 96), 6, 1.3) for at in range(0, 96, 7)]
    )
    np.testing.assert_array_equal(whole, parts)


def test_sightings_go_forward() -> None:
    with pytest.raises(ValueError, match="go forward"):
        make_track(0, 5).add(5, Detection(np.zeros(4, np.float32), 1.0))


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
        return [
            [Detection(np.asarray(box), 0.99) for box in self.faces[picture.row]]
            for picture in pictures
        ]

    def refine(
        self,
        pictures: Sequence[DecodedFrame],
        guesses: Sequence[Box],
    ) -> list[Detection]:
        found = []
        for picture, guess in zip(pictures, guesses, strict=True):
            near = [
                box
                for box in self.faces[picture.row]
                if overlap(np.asarray(box), guess) > 0.3
            ]
            found.append(
                Detection(np.asarray(near[0]) if near else guess, 0.99 if near else 0.1)
            )
        return found


def stream(rows: int, cuts: Sequence[int] = ()) -> Iterator[DecodedFrame]:
    chroma = np.full((60, 80), 128, np.uint8)
    for row in range(rows):
        # The last term makes each frame differ from the one before it.
        shade = 40 + 120 * (sum(cut <= row for cut in cuts) % 2) + row % 2
        yield DecodedFrame(
            row, (np.full((120, 160), shade, np.uint8), chroma, chroma), Colour()
        )


def run(faces: Sequence[Sequence[Box]], cuts: Sequence[int] = ()) -> list[FollowedFace]:
    found, rows, *_ = follow(
        stream(len(faces), cuts),
        Scripted(faces),
        lambda picture, _: b"%d" % picture.row,
    )
    assert rows == len(faces)
    for face in found:  # whatever happened: one crop a row, of that very row
        assert face.crops == [
            b"%d" % row for row in range(face.track.first, face.track.last + 1)
        ]
        assert len(face.square_boxes()) == len(face.track)
    return found


A = np.array([20, 20, 60, 70], np.float32)
B = np.array([100, 30, 130, 66], np.float32)


def spans(faces: Sequence[FollowedFace]) -> list[tuple[int, int]]:
    return [(face.track.first, face.track.last) for face in faces]


def test_one_face_is_one_track() -> None:
    assert spans(run([[A]] * 130)) == [(0, 129)]


def test_a_calm_picture_is_rarely_searched() -> None:
    detector = Scripted([[A]] * 300)
    follow(stream(300), detector, lambda *_: b"x")
    assert detector.searches <= 6


def test_a_scene_cut_breaks_a_track_where_it_falls() -> None:
    assert spans(run([[A]] * 90, cuts=[37])) == [(0, 36), (37, 89)]


def test_a_short_loss_is_bridged_a_long_one_breaks() -> None:
    short = run([[A]] * 40 + [[]] * 8 + [[A]] * 60)
    assert spans(short) == [(0, 107)]
    long = run([[A]] * 40 + [[]] * 40 + [[A]] * 60)
    assert len(long) == 2
    (first, second) = spans(long)
    assert (
        first[0] == 0
        and 35 <= first[1] <= 39
        and 80 <= second[0] <= 85
        and second[1] == 139
    )


def test_a_late_face_is_followed_back_to_where_it_came_in() -> None:
    (span,) = spans(run([[]] * 60 + [[A]] * 60))
    assert 60 <= span[0] <= 65 and span[1] == 119


def test_a_face_that_leaves_ends_where_it_left() -> None:
    (span,) = spans(run([[A]] * 63 + [[]] * 60))
    assert span[0] == 0 and 57 <= span[1] <= 62


def test_several_faces_are_several_tracks() -> None:
    found = run([[A, B]] * 80 + [[B]] * 40)
    assert len(found) == 2
    assert sorted(span[1] for span in spans(found))[1] == 119


def test_no_face_is_no_track() -> None:
    assert run([[]] * 70) == []


def test_memory_does_not_grow_with_the_video() -> None:
    from avdf.pipeline.faces.follow import FaceFollower

    follower = FaceFollower(Scripted([[A]] * 2000), lambda *_: b"")
    most = 0
    for picture in stream(2000):
        follower.feed(picture)
        most = max(most, len(follower._frames))
    assert most <= 50


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 40)), min_size=1, max_size=6),
    st.lists(st.integers(1, 150)),
)
def test_any_coming_and_going_gives_whole_tracks(
    pattern: list[tuple[bool, int]],
    cuts: list[int],
) -> None:
    faces = [[A] if there else [] for there, length in pattern for _ in range(length)]
    found = run(faces, cuts=sorted(set(cuts)))
    covered = [
        row for face in found for row in range(face.track.first, face.track.last + 1)
    ]
    assert len(covered) == len(set(covered))
    for face in found:  # a track begins and ends at a sighting
        assert faces[face.track.first] and faces[face.track.last]


def test_a_picture_in_a_corner_is_found(detector: FaceDetector) -> None:
    """A face a twelfth of the picture wide: only the finer search sees it."""
    speaker = random_speaker(np.random.default_rng(5), "men")
    small = generate_clip(speaker, 0.4, np.random.default_rng(0)).frames[0]
    luma = np.full((540, 960), 90, np.uint8)
    inset = (small[::2, ::2].astype(np.float32) @ [0.257, 0.504, 0.098] + 16).astype(
        np.uint8
    )
    luma[380:508, 800:928] = inset
    grey = np.full((540, 960), 128, np.uint8)
    picture = DecodedFrame(0, (luma, grey, grey), Colour())
    (found,) = detector.search([picture], detector.settings.fine_face)
    assert len(found) == 1 and 800 < found[0].box[0] < 928


def test_crops_hold_the_face_that_full_size_mtcnn_finds(
    media: Path,
    detector: FaceDetector,
) -> None:
    import av
    from facenet_pytorch import MTCNN

    plain = MTCNN(min_face_size=40)
    inside = total = 0
    for path in sorted((media / "clips").glob("*.mp[g4]"))[::5]:
        video = prepare_video(
            VideoInfo(id=path.name, path=str(path)), PrepSettings(), detector
        )
        (track,) = video.tracks
        with av.open(str(path)) as container:
            frames = [
                frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)
            ]
        for row in range(0, len(track), 12):
            found, _ = plain.detect(frames[row])
            face, crop = np.asarray(found[0], np.float32), track.boxes[row]
            corner = np.minimum(face[2:], crop[2:]) - np.maximum(face[:2], crop[:2])
            inside += np.prod(np.clip(corner, 0, None)) >= 0.95 * np.prod(
                face[2:] - face[:2]
            )
            total += 1
        steps = np.abs(
            np.diff((track.boxes[:, :2] + track.boxes[:, 2:]) / 2, axis=0)
        ).max()
        assert steps < 0.03 * (track.boxes[0, 2] - track.boxes[0, 0])
    assert total >= 25 and inside / total >= 0.98
