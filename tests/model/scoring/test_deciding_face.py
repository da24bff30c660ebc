"""On which face each verdict of a video rests."""

from dataclasses import replace

import pytest

from avdf.cache.core.video import VideoInfo
from avdf.model.inference.decision import Judgement
from avdf.model.scoring.deciding_face import deciding_faces, with_decides
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.row_of_faces import NOBODY_SPEAKS, row_of_faces
from avdf.model.scoring.rows import VideoFaces, VideoScore
from avdf.model.scoring.seen_face import SeenFace
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict

JUDGEMENT = Judgement("mean", Thresholds(0.5, 0.5, 0.5, "validation"))


def face(
    number: int,
    visual: float,
    video: float | None,
    speaks: str = "",
    segments: int = 10,
    voiced: int | None = None,
) -> FaceRow:
    """A face whose sound is P(fake) 0.1, and which may speak in all segments or in `voiced`."""
    seen = SeenFace(number, 0.0, 6.4, 1.0, 1, 0.0, 0.0, 9.0, 9.0)
    probability = PerVerdict(visual, 0.1, video)
    return FaceRow(
        "a",
        seen,
        probability,
        speaks=speaks,
        segments=segments,
        voiced=segments if voiced is None else voiced,
    )


def row_of(*rows: FaceRow) -> VideoScore:
    """The row of a video that shows these faces."""
    deciding = deciding_faces(rows, JUDGEMENT)
    return row_of_faces(VideoInfo("a", "a.mp4"), rows, deciding, JUDGEMENT)


def test_the_most_suspicious_face_decides_each_verdict() -> None:
    row = row_of(face(1, 0.9, 0.2), face(2, 0.3, 0.8))
    assert (row.faces.visual, row.faces.video) == (1, 2)
    assert (row.probability.visual, row.probability.video) == (0.9, 0.8)
    assert (row.verdict.visual, row.verdict.video) == ("fake", "fake")
    assert (row.faces.count, row.segments) == (2, 20)


@pytest.mark.parametrize(
    ("segments", "decides"), [((20, 1), 1), ((20, 3), 1), ((20, 4), 2), ((3, 2), 2)]
)
def test_a_brief_face_does_not_decide(segments: tuple[int, int], decides: int) -> None:
    """Four segments are enough, or half as many as the face with most."""
    first = face(1, 0.2, 0.2, segments=segments[0])
    brief = face(2, 0.9, 0.9, segments=segments[1])
    row = row_of(first, brief)
    assert (row.faces.video, row.faces.visual) == (decides, decides)
    assert ("face 2 is seen too briefly" in row.reason) == (decides == 1)


def test_a_face_that_does_not_speak_decides_only_over_its_own_frames() -> None:
    """Beside the voice of another, P(fake) of the whole may be high for that reason alone."""
    speaker = face(1, 0.2, 0.3, "yes")
    genuine, forged = face(2, 0.2, 0.9, "no"), face(2, 0.8, 0.9, "no")
    assert row_of(speaker, genuine).faces.video == 1
    assert row_of(speaker, genuine).verdict.video == "real"
    assert row_of(speaker, forged).faces.video == 2
    assert row_of(speaker, forged).verdict.video == "fake"


def test_forged_frames_beside_a_real_verdict_are_explained() -> None:
    row = row_of(face(1, 0.2, 0.3, "yes"), face(2, 0.8, 0.1, "no"))
    assert (row.verdict.visual, row.verdict.video) == ("fake", "real")
    assert row.reason == (
        "the frames of face 2 are judged fake, and the verdict on the video rests on face 1"
    )


@pytest.mark.parametrize(
    ("voiced", "decides"), [((20, 1), 1), ((20, 4), 2), ((3, 1), 1), ((3, 2), 2)]
)
def test_a_face_that_may_speak_only_briefly_does_not_decide_what_rests_on_speech(
    voiced: tuple[int, int], decides: int
) -> None:
    """Both are seen for 20 segments: the frames of either may decide the visual verdict."""
    first = replace(
        face(1, 0.2, 0.2, "yes", 20, voiced[0]), sync=Synchrony(-0.3, probability=0.1)
    )
    other = replace(
        face(2, 0.9, 0.9, "cannot be told", 20, voiced[1]),
        sync=Synchrony(-0.1, probability=0.8),
    )
    faces = row_of(first, other).faces
    assert (faces.video, faces.sync, faces.visual) == (decides, decides, 2)


def test_a_short_speech_decides_beside_a_listener_who_is_seen_for_long() -> None:
    speaker = face(1, 0.2, 0.3, "yes", 20, voiced=3)
    listener = face(2, 0.2, 0.9, "no", 20, voiced=20)
    assert row_of(speaker, listener).faces.video == 1


def test_where_nobody_speaks_all_faces_count() -> None:
    row = row_of(face(1, 0.2, 0.3, "no"), face(2, 0.2, 0.9, "no"))
    assert row.faces.video == 2


def test_of_equal_faces_the_first_decides() -> None:
    assert deciding_faces([face(1, 0.5, 0.5), face(2, 0.5, 0.5)], JUDGEMENT).video == 1


def test_what_was_not_examined_rests_on_no_face() -> None:
    row = row_of(face(1, 0.5, None), face(2, 0.6, None))
    assert (row.faces.video, row.faces.visual) == (None, 2)
    assert (row.probability.video, row.verdict.video) == (None, "")


def test_faces_are_found_by_the_name_of_the_verdict() -> None:
    faces = VideoFaces(5, video=1, visual=2, audio=3, sync=4)
    assert (faces["video"], faces["visual"]) == (1, 2)
    assert (faces["audio"], faces["sync"]) == (3, 4)
    assert dict(faces.items()) == {"video": 1, "visual": 2, "audio": 3, "sync": 4}


def test_rows_say_what_they_decide() -> None:
    rows = (face(1, 0.9, 0.2), face(2, 0.3, 0.8))
    decided = with_decides(rows, VideoFaces(2, video=2, visual=1, audio=1, sync=2))
    assert [row.decides for row in decided] == ["visual, audio", "video, sync"]


def test_synchrony_is_that_of_a_face_that_speaks() -> None:
    examined = Synchrony(sync=-0.3, probability=0.1, verdict="in sync")
    speaker = replace(face(1, 0.2, 0.3, "yes"), sync=examined)
    silent = replace(face(2, 0.9, 0.9, "no"), sync=Synchrony(note="no"))
    row = row_of(speaker, silent)
    assert (row.sync, row.faces.sync) == (examined, 1)


def test_where_nobody_is_told_to_speak_the_reason_is_given() -> None:
    silent = Synchrony(note="this face does not speak")
    untold = Synchrony(note="it cannot be told which of the faces speaks")
    rows = [
        replace(face(1, 0.2, 0.3, "no"), sync=silent),
        replace(face(2, 0.2, 0.3, "cannot be told"), sync=untold),
    ]
    assert row_of(*rows).sync.note == untold.note
    assert (
        row_of(rows[0], replace(rows[0], seen=rows[1].seen)).sync.note == NOBODY_SPEAKS
    )


def test_what_is_noted_of_the_only_face_is_said_of_the_video() -> None:
    noted = replace(
        face(1, 0.2, 0.2), note="hardly moves; has no sound while it is seen"
    )
    row = row_of(noted)
    assert row.reason == "the face hardly moves; the face has no sound while it is seen"


def test_each_note_on_one_of_several_faces_names_it() -> None:
    noted = replace(
        face(2, 0.2, 0.2), note="hardly moves; has no sound while it is seen"
    )
    row = row_of(face(1, 0.1, 0.1), noted)
    assert row.reason == "face 2 hardly moves; face 2 has no sound while it is seen"
