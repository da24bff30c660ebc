"""Follow the faces of frames, and say in which rows each was."""

from collections.abc import Iterable, Sequence

from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.follow import follow
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.media.frame import DecodedFrame
from tests.helpers.scenes import Frames, pictures


def crop_of_row(picture: DecodedFrame, _square: object) -> bytes:
    """In place of a crop, the number of the row it would show."""
    return b"%d" % picture.row


def spans(faces: Iterable[FollowedFace]) -> list[tuple[int, int]]:
    """The first and the last row of each face."""
    return [(face.track.first, face.track.last) for face in faces]


def check_rows(faces: Iterable[FollowedFace]) -> None:
    """Each face has one crop and one square for each row, of that very row."""
    for face in faces:
        rows = range(face.track.first, face.track.last + 1)
        assert face.crops == [b"%d" % row for row in rows]
        assert len(face.square_boxes()) == len(rows)
        assert len(face.track) == len(rows)
        probabilities = face.track.probabilities(rows.start, rows.stop)
        assert len(probabilities) == len(rows)


def is_long_and_sure(face: FollowedFace) -> bool:
    """Whether preparation would keep the face, with its settings as they are by default."""
    return len(face.track) >= 16 and face.track.probability >= 0.95


def followed(frames: Frames, detector: FaceDetector) -> list[FollowedFace]:
    """The long faces that MTCNN finds."""
    faces, rows, *_ = follow(pictures(frames), detector, crop_of_row)
    assert rows == len(frames)
    check_rows(faces)
    return [face for face in faces if is_long_and_sure(face)]


def followed_pictures(
    frames: Sequence[DecodedFrame], detector: FaceDetector
) -> list[FollowedFace]:
    """All faces in frames that are decoded already."""
    faces, *_ = follow(frames, detector, crop_of_row)
    return faces
