"""On which face each verdict of a video rests.

A video is as suspicious as its most suspicious face. Some faces do not decide beside others:

- one that is seen only briefly: its score is that of a few segments, and largely chance;
- for the verdict on the whole video and for synchrony, one that may speak only briefly;
- for the verdict on the whole video, one that does not speak: it is compared with the voice of
  another. It decides all the same if its own frames are judged fake.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from avdf.model.inference.decision import Judgement
from avdf.model.scoring.face_rows import SILENT, FaceRow
from avdf.model.scoring.rows import VideoFaces
from avdf.model.verdicts import Verdict

# A face decides from so many segments on (2.56 s), or from half as many as the face with most.
ENOUGH_SEGMENTS = 4


def deciding_faces(rows: Sequence[FaceRow], judgement: Judgement) -> VideoFaces:
    """The faces on which the verdicts rest; None for a verdict that no face has.

    Args:
        rows: the faces of one video, at least one.
    """
    seen = [row for row in rows if is_seen_enough(row, rows)]
    # First who may count at all: beside a listener who is seen for long, a short speech counts.
    heard = [row for row in seen if _counts_for_video(row, judgement)] or seen
    synced = [row for row in seen if row.sync.examined]

    def suspicion(verdict: Verdict) -> Callable[[FaceRow], float | None]:
        return lambda row: row.probability[verdict]

    video = _most(_heard_enough(heard), suspicion("video"))
    return VideoFaces(
        count=len(rows),
        video=video,
        visual=_most(seen, suspicion("visual")),
        audio=_most(seen, suspicion("audio")),
        sync=_most(_heard_enough(synced), lambda row: row.sync.probability),
    )


def is_seen_enough(row: FaceRow, rows: Sequence[FaceRow]) -> bool:
    """Whether a face is seen long enough to decide beside the others."""
    return _is_enough(row.segments, [other.segments for other in rows])


def with_decides(rows: Sequence[FaceRow], faces: VideoFaces) -> tuple[FaceRow, ...]:
    """The rows, each with the verdicts that rest on it."""
    found = []
    for row in rows:
        own = [name for name, face in faces.items() if face == row.face]
        found.append(replace(row, decides=", ".join(own)))
    return tuple(found)


def _heard_enough(rows: Sequence[FaceRow]) -> list[FaceRow]:
    """Those that may speak long enough to decide beside the others."""
    counts = [row.voiced for row in rows]
    return [row for row in rows if _is_enough(row.voiced, counts)]


def _is_enough(count: int, counts: Sequence[int]) -> bool:
    return count >= min(ENOUGH_SEGMENTS, max(counts) / 2)


def _counts_for_video(row: FaceRow, judgement: Judgement) -> bool:
    if row.speaks != SILENT:
        return True
    return judgement.verdict("visual", row.probability.visual) == "fake"


def _most(
    rows: Sequence[FaceRow], suspicion: Callable[[FaceRow], float | None]
) -> int | None:
    """The face with the largest value; of equal ones the first; None where no face has one."""
    known = [
        (value, -row.face) for row in rows if (value := suspicion(row)) is not None
    ]
    return -max(known)[1] if known else None
