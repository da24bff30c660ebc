"""Faces that MTCNN finds, followed through cuts, disturbances, covers and transitions."""

import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.core.video import PreparedVideo, Track
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Detection
from avdf.pipeline.faces.follow import follow
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.track import FaceTrack
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.speaker import random_speaker
from tests.helpers.following import (
    crop_of_row,
    followed,
    followed_pictures,
    spans,
)
from tests.helpers.scenes import Frames, pictures, speaker


def grey_frames(rows: int, height: int, width: int) -> Frames:
    """A scene without anybody, to put speakers into."""
    return np.full((rows, height, width, 3), 150, np.uint8)


@pytest.mark.parametrize(
    "holder",
    [
        Detection,
        FaceTrack,
        FollowedFace,
        DecodedFrame,
        Track,
        PreparedVideo,
    ],
)
def test_what_holds_arrays_is_compared_by_identity(holder: Any) -> None:
    """Two boxes that are equal element by element have no single truth value: `==` would raise."""
    assert holder.__eq__ is object.__eq__


# Disturbed frames


def flash(picture: Frames) -> Frames:
    brighter = picture.astype(int) + 150
    return np.asarray(np.clip(brighter, 0, 255), np.uint8)


def white(picture: Frames) -> Frames:
    return np.full_like(picture, 255)


def black(picture: Frames) -> Frames:
    return np.zeros_like(picture)


def torn(picture: Frames) -> Frames:
    """The lower part is shifted to the side, as by a damaged tape."""
    upper, lower = picture[:120], picture[120:]
    shifted = np.roll(lower, 90, axis=1)
    return np.concatenate([upper, shifted])


@pytest.mark.parametrize("disturb", [flash, white, black, torn])
@pytest.mark.parametrize("rows", [(30,), (30, 31)], ids=["one", "two"])
def test_a_disturbed_frame_breaks_nothing(
    disturb: Callable[[Frames], Frames],
    rows: tuple[int, ...],
    detector: FaceDetector,
) -> None:
    frames = speaker(2)[:60].copy()
    for row in rows:
        frames[row] = disturb(frames[row])

    assert spans(followed(frames, detector)) == [(0, 59)]


def test_a_repeated_frame_breaks_nothing(detector: FaceDetector) -> None:
    frames = speaker(2)[:60].copy()
    frames[30] = frames[29]
    frames[40] = frames[20]

    assert spans(followed(frames, detector)) == [(0, 59)]


# Cuts


def test_a_flash_at_a_cut_hides_no_cut(detector: FaceDetector) -> None:
    before, after = speaker(2)[:30], speaker(4)[:30]
    frames = np.concatenate([before, after])
    frames[30] = 255  # the first row after the cut

    assert spans(followed(frames, detector)) == [(0, 29), (31, 59)]


def like_the_wall_of(frames: Frames, other: Frames) -> Frames:
    """The frames at the brightness and contrast of others: a cut between them changes little."""
    centred = frames.astype(np.float32) - frames.mean()
    contrast = other.std() / frames.std()
    matched = centred * contrast + other.mean()
    return np.asarray(np.clip(matched, 0, 255), np.uint8)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1, 2),
        (2, 4),
        (3, 6),
        (2, 7),
    ],
)
@pytest.mark.parametrize("row", [23, 40])
def test_a_cut_between_similar_shots_is_where_it_is(
    before: int,
    after: int,
    row: int,
    detector: FaceDetector,
) -> None:
    first = speaker(before)
    second = like_the_wall_of(speaker(after), first)
    frames = np.concatenate([first[:row], second[: 70 - row]])

    found = spans(followed(frames, detector))

    assert found == [(0, row - 1), (row, 69)]


def test_another_light_on_the_same_face_is_no_cut(detector: FaceDetector) -> None:
    frames = speaker(2)[:60].copy()
    darker = frames[30:] * 0.55
    frames[30:] = darker.astype(np.uint8)

    assert spans(followed(frames, detector)) == [(0, 59)]


def test_another_person_in_one_part_of_the_frame_is_another_track(
    detector: FaceDetector,
) -> None:
    """A call of several persons: one tile changes, which is little for the whole frame."""
    frames = np.full((70, 512, 768, 3), 120, np.uint8)
    frames[:, :256, :256] = speaker(1)[:70]
    # In the other tile, one person takes the place of another at row 33.
    changing = np.concatenate([speaker(2)[:33], speaker(4)[:37]])
    frames[:, 256:, 512:] = changing

    found = sorted(spans(followed(frames, detector)))

    assert found == [(0, 32), (0, 69), (33, 69)]


GRID_SPEAKERS = (
    "s01_bbaf2n",
    "s02_pwij3p",
    "s16_bgal9n",
    "s25_bbwx8n",
    "s26_lbbo3n",
    "s27_bbbp8n",
    "s30_bwwy5n",
    "s31_bgix8n",
)


def grid_shot(media: Path, name: str) -> list[DecodedFrame]:
    """The frames of a recording of the GRID corpus: a speaker before a blue wall."""
    path = media / "clips" / f"grid_{name}.mpg"
    with Decoder(probe(path, Limits()), Limits()) as decoder:
        return list(decoder.frames())


def joined(*shots: list[DecodedFrame]) -> list[DecodedFrame]:
    """The shots one after another, their rows numbered through."""
    frames = [frame for shot in shots for frame in shot]
    return [
        DecodedFrame(row, frame.planes, frame.colour)
        for row, frame in enumerate(frames)
    ]


@pytest.mark.parametrize(("before", "after"), list(pairwise(GRID_SPEAKERS)))
def test_real_speakers_before_one_wall_are_cut_apart(
    before: str,
    after: str,
    media: Path,
    detector: FaceDetector,
) -> None:
    first = grid_shot(media, before)[:27]
    second = grid_shot(media, after)[:27]

    faces = followed_pictures(joined(first, second), detector)

    assert spans(faces) == [(0, 26), (27, 53)]


# Covers, and faces that join


@pytest.mark.parametrize("hidden", [8, 14, 18, 40])
def test_after_a_cover_the_face_is_followed_again(
    hidden: int,
    detector: FaceDetector,
) -> None:
    """Something comes in from the side, covers the face, and leaves: all other rows are kept."""
    frames = speaker(2)[:100].copy()
    begin, end = 20, 32 + hidden
    for row in range(begin, end):
        # It takes 6 rows to come in, and 6 to leave.
        share = min(1, (row - begin) / 6, (end - row) / 6)
        frames[row, 30:, : round(256 * share)] = (90, 110, 90)

    found = spans(followed(frames, detector))

    first, last = found[0], found[-1]
    is_one_track = found == [(0, 99)]
    assert is_one_track or (first[0] == 0 and 19 <= first[1] <= 25)
    assert last[1] == 99
    assert last[0] <= end + 2
    assert len(found) == (1 if is_one_track else 2)


def test_a_cover_in_a_calm_frame_costs_no_row_after_it(detector: FaceDetector) -> None:
    """The face is seen before and after the cover between two searches: nothing else changes."""
    frames = grey_frames(74, 256, 1024)
    frames[:, :, :256] = speaker(2)[:74]
    frames[28:46, 20:250, 20:236] = 120  # the cover

    assert spans(followed(frames, detector)) == [(0, 27), (46, 73)]


def test_a_face_that_joins_a_calm_frame_is_followed_from_its_first_row(
    detector: FaceDetector,
) -> None:
    frames = grey_frames(90, 256, 768)
    frames[:, :, :256] = speaker(2)[:90]
    half_size = speaker(4)[:59, ::2, ::2]
    frames[31:, 128:256, 600:728] = half_size

    found = sorted(spans(followed(frames, detector)))

    assert found == [(0, 89), (31, 89)]


# Transitions


def mixed(kind: str, length: int) -> Frames:
    """40 rows of one speaker, a transition of `length` rows, 40 rows of another."""
    first = speaker(2)[: 40 + length]
    second = speaker(4)[: 40 + length]
    frames = np.concatenate([first, second[length:]]).copy()
    for step in range(length):
        row = 40 + step
        share = (step + 1) / (length + 1)
        old = first[row].astype(np.float32)
        new = second[step].astype(np.float32)
        if kind == "dissolve":
            frames[row] = old * (1 - share) + new * share
        elif kind == "wipe":
            edge = round(256 * share)
            frames[row, :, :edge] = new[:, :edge]
        else:  # down to black, and up again
            darkening = max(0.0, 1 - 2 * share)
            brightening = max(0.0, 2 * share - 1)
            frames[row] = old * darkening + new * brightening
    return frames


@pytest.mark.parametrize(
    ("kind", "share_seen"),
    [
        ("dissolve", 0.1),
        # A wipe reaches the face late, and a fade leaves it visible for long.
        ("wipe", 0.35),
        ("fade", 0.35),
    ],
)
@pytest.mark.parametrize("length", [12, 25])
def test_no_row_of_a_transition_is_a_face(
    kind: str,
    share_seen: float,
    length: int,
    detector: FaceDetector,
) -> None:
    """Each speaker is a track. Rows that show both, or that are nearly black, belong to none."""
    frames = mixed(kind, length)

    before, after = spans(followed(frames, detector))

    assert before[0] == 0
    assert after[1] == len(frames) - 1
    # Each track may reach into the transition as far as its speaker is seen alone.
    clean = share_seen * length
    assert 38 <= before[1] <= 40 + clean
    assert 39 + length - clean <= after[0] <= 43 + length


def test_rows_need_not_begin_at_zero(detector: FaceDetector) -> None:
    """A video that starts after its audio has later rows; the rows of a fade count from there."""
    delay = 50
    late = [
        DecodedFrame(picture.row + delay, picture.planes, picture.colour)
        for picture in pictures(mixed("fade", 25))
    ]

    faces = followed_pictures(late, detector)

    before, after = spans(face for face in faces if len(face.track) >= 16)
    assert before[0] == delay
    assert 88 <= before[1] <= 98
    assert 105 <= after[0] <= 118
    assert after[1] == delay + 104  # 40 + 25 + 40 rows in all


# Motion


def test_a_face_that_flies_by_is_followed_as_long_as_it_is_seen(
    detector: FaceDetector,
) -> None:
    width, face_width = 1000, 144
    frames = grey_frames(80, 256, width)
    face = speaker(2)[:80, 30:230, 56 : 56 + face_width]
    rows_seen_whole = []
    for row in range(10, 75):
        left = -face_width + 18 * (row - 10)  # 18 pixels from frame to frame
        right = left + face_width
        start, stop = max(0, left), min(width, right)
        if start < stop:
            seen = face[row, :, start - left : stop - left]
            frames[row, 28:228, start:stop] = seen
        if left >= 0 and right <= width:
            rows_seen_whole.append(row)

    (span,) = spans(followed(frames, detector))

    assert span[0] <= rows_seen_whole[0]
    assert span[1] >= rows_seen_whole[-1]


def test_a_camera_that_pans_over_a_face_makes_no_transition(
    detector: FaceDetector,
) -> None:
    # A wall of visible blocks, so that the motion of the camera changes every frame.
    generator = np.random.default_rng(0)
    blocks = generator.integers(0, 60, (16, 44, 1), dtype=np.uint8)
    grain = np.kron(blocks, np.ones((16, 16, 1), np.uint8))
    wall = grain[:256, :700] + np.full((256, 700, 3), 150, np.uint8)
    frames = np.empty((75, 256, 400, 3), np.uint8)
    for row in range(75):
        scene = wall.copy()
        scene[:, 250:506] = speaker(2)[row]
        left = 200 - 2 * abs(row - 37)  # to the right, and back
        frames[row] = scene[:, left : left + 400]

    assert spans(followed(frames, detector)) == [(0, 74)]


# Squares


def black_share(squares: npt.NDArray[np.float32], width: int, height: int) -> float:
    """The largest share of a square that lies outside of the picture."""
    first = np.maximum(squares[:, :2], 0)
    last = np.minimum(squares[:, 2:], [width, height])
    inside = (last - first).clip(min=0).prod(axis=1)
    area = (squares[:, 2] - squares[:, 0]) ** 2
    return float(1 - (inside / area).min())


@pytest.fixture(scope="module", params=[2, 4, 5])
def near_face(request: pytest.FixtureRequest, detector: FaceDetector) -> FollowedFace:
    """A face that fills its frame of 496 x 600 for 50 rows."""
    face = speaker(request.param)[:50, 62:212, 66:190]
    near = face.repeat(4, axis=1).repeat(4, axis=2)
    (found,) = followed(near, detector)
    return found


def test_a_face_that_fills_the_frame_is_one_track(near_face: FollowedFace) -> None:
    assert len(near_face.track) == 50


def test_a_face_that_fills_the_frame_is_cropped_whole(near_face: FollowedFace) -> None:
    squares = near_face.square_boxes()
    sides = squares[:, 2] - squares[:, 0]
    assert black_share(squares, 496, 600) < 0.25
    # No square needs to be larger than the long side of the frame.
    assert sides.max() <= 601


def test_the_square_of_a_face_that_fills_the_frame_is_still(
    near_face: FollowedFace,
) -> None:
    steps = np.diff(near_face.square_boxes(), axis=0)
    assert np.abs(steps).max() < 0.03 * 600


@pytest.fixture
def two_hours() -> FaceTrack:
    """One face in 180,000 rows, seen in every fifth."""
    box = np.array([10, 10, 90, 110], np.float32)
    rows = list(range(0, 180_000, 5))
    return FaceTrack(rows, [Detection(box, 0.99)] * len(rows))


def most_memory(work: Callable[[], object]) -> int:
    """The bytes that some work takes at most, beyond what is there before."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    work()
    most = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return most


def test_the_probabilities_of_a_long_track_are_bounded_in_memory(
    two_hours: FaceTrack,
) -> None:
    rows = 179_996  # up to the last sighting
    found = []
    most = most_memory(lambda: found.append(two_hours.probabilities(0, rows)))
    assert found[0].shape == (rows,)
    assert most < 20_000_000


def test_a_piece_of_a_long_track_costs_no_more_than_its_rows(
    two_hours: FaceTrack,
) -> None:
    """What a piece of it costs does not grow with the rest."""
    two_hours.probabilities(0, 10)  # what is computed once for the track
    most = most_memory(lambda: two_hours.squares(90_000, 90_025, 6, 1.3))
    assert most < 100_000


# Still frames


@pytest.fixture(scope="module")
def gap_filled_with_one_frame() -> Frames:
    """40 rows of speech, the last of them for 80 rows more, 40 rows of speech."""
    frames = speaker(1)
    still = np.repeat(frames[39:40], 80, axis=0)
    return np.concatenate([frames[:40], still, frames[40:80]])


def test_a_long_gap_filled_with_one_frame_is_no_face(
    gap_filled_with_one_frame: Frames,
    detector: FaceDetector,
) -> None:
    frames = pictures(gap_filled_with_one_frame)
    faces, rows, frozen = follow(frames, detector, crop_of_row)
    assert rows == 160
    assert frozen == [(40, 119)]
    assert spans(faces) == [(0, 39), (120, 159)]


def test_a_video_of_one_still_frame_is_kept(detector: FaceDetector) -> None:
    still = np.repeat(speaker(1)[:1], 80, axis=0)
    (face,), _, frozen = follow(pictures(still), detector, crop_of_row)
    assert frozen == []
    assert len(face.track) == 80


def test_a_mouth_that_shuts_at_once_is_no_other_person(detector: FaceDetector) -> None:
    """In a dark face with little detail, an open mouth is most of the contrast."""
    dark_person = random_speaker(np.random.default_rng([11, 2, 0]), "women")
    clip = generate_clip(dark_person, 1.6, np.random.default_rng([11, 2, 9]))

    found = spans(followed(clip.frames, detector))

    assert found == [(0, len(clip.frames) - 1)]
