"""The persons of one file in words: a line for the verdicts of each."""

from collections.abc import Sequence

from avdf.cache.core.counted import counted
from avdf.model.inference.decision import Judgement
from avdf.model.scoring.face_rows import (
    MOST_SHOWN,
    FaceRow,
    most_important,
    places_of,
    speech_words,
)
from avdf.model.scoring.rows import VideoFaces
from avdf.model.verdicts import REPORT_ORDER


def face_lines(
    faces: Sequence[FaceRow], deciding: VideoFaces, judgement: Judgement
) -> list[str]:
    """On whom the verdicts rest, and the verdicts of each person.

    Those on whom a verdict rests come first, then those that are seen longest.
    """
    what = "verdict" if any(row.verdict.video for row in faces) else "score"
    lines = [f"  {counted(len(faces), 'face')}: {_resting(deciding, what)}"]
    order = most_important(faces)
    places = places_of(faces)
    for row in order[:MOST_SHOWN]:
        place = places.get(row.face, "")
        lines += _lines_of(row, judgement, f" ({place})" if place else "")
    left = len(order) - MOST_SHOWN
    if left > 0:
        lines.append(f"  {counted(left, 'more face')} in faces.csv")
    return lines


def _resting(deciding: VideoFaces, what: str) -> str:
    """`the verdict on the video rests on face 2, visual on face 1`.

    Args:
        what: `verdict`; `score` where no verdict is given.
    """
    known = [(name, face) for name, face in deciding.items() if face is not None]
    (first, face), *others = known
    subject = f"the {what} on the video" if first == "video" else first
    words = [f"{subject} rests on face {face}"]
    words += [f"{name} on face {face}" for name, face in others]
    return ", ".join(words)


def _lines_of(row: FaceRow, judgement: Judgement, place: str) -> list[str]:
    speech = f", {speech_words(row.speaks)}" if row.speaks else ""
    span = f"{row.seen.start:.2f}-{row.seen.end:.2f} s"
    lines = [f"  face {row.face}{place} at {span}{speech}: {_verdicts(row, judgement)}"]
    if row.note:
        lines.append(f"          {row.note}")
    return lines


def _verdicts(row: FaceRow, judgement: Judgement) -> str:
    """`video fake 0.93, visual real 0.20, audio real 0.11; sync in sync 0.10`."""
    words = []
    for name in REPORT_ORDER:
        probability = row.probability[name]
        if probability is not None:
            verdict = row.verdict[name] or "not judged"
            words.append(f"{name} {verdict} {probability:.3f}")
    sync = row.sync
    if sync.probability is not None and judgement.sync.usable is not None:
        words.append(f"sync {sync.verdict or 'not judged'} {sync.probability:.3f}")
    return ", ".join(words)
