"""The row of a video from the rows of its faces."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from avdf.cache.core.video import VideoInfo
from avdf.model.inference.decision import Judgement
from avdf.model.likelihood.difference import Difference
from avdf.model.likelihood.likeness_words import difference_note
from avdf.model.scoring.deciding_face import is_seen_enough
from avdf.model.scoring.face_rows import SILENT, SPEAKS, UNTOLD, FaceRow
from avdf.model.scoring.face_scores import NO_SPEECH
from avdf.model.scoring.rows import VideoFaces, VideoScore, scored_row
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.verdicts import PerVerdict, Verdict

NOBODY_SPEAKS = "no face that is seen speaks"


def row_of_faces(
    info: VideoInfo, rows: Sequence[FaceRow], deciding: VideoFaces, judgement: Judgement
) -> VideoScore:
    """The row of a video whose verdicts rest on `deciding`.

    Args:
        rows: all faces of the video.
    """
    by_number = {row.face: row for row in rows}

    def of(verdict: Verdict) -> FaceRow | None:
        number = deciding[verdict]
        return None if number is None else by_number[number]

    def probability(verdict: Verdict) -> float | None:
        row = of(verdict)
        return None if row is None else row.probability[verdict]

    def ratio(verdict: Verdict) -> float | None:
        row = of(verdict)
        return None if row is None else row.log10_ratio[verdict]

    whole = of("video")
    row = scored_row(
        info,
        PerVerdict.of(probability),
        judgement,
        None if whole is None else whole.distance,
        sum(one.segments for one in rows),
        sync=_sync(rows, deciding),
        log10_ratio=PerVerdict.of(ratio),
    )
    unlike = _unlike(rows, deciding)
    notes = [difference_note(one) for one in unlike]
    reasons = [row.reason, *notes, *_remarks(rows, row, deciding)]
    reason = "; ".join(one for one in reasons if one)
    return replace(row, faces=deciding, reason=reason, unlike=unlike)


def _unlike(rows: Sequence[FaceRow], deciding: VideoFaces) -> tuple[Difference, ...]:
    """In which respects the faces on which verdicts rest are unlike the validation videos.

    Each face answers for the verdicts that rest on it.
    """
    found = []
    for row in rows:
        number = row.face if len(rows) > 1 else None
        for difference in row.unlike:
            own = difference.of(partial(_rests_on, row.face, deciding))
            if own is not None:
                found.append(replace(own, face=number))
    return tuple(found)


def _rests_on(face: int, deciding: VideoFaces, verdict: Verdict) -> bool:
    return deciding[verdict] == face


def _sync(rows: Sequence[FaceRow], deciding: VideoFaces) -> Synchrony:
    """Synchrony of a face that speaks; where none was examined, why not."""
    if deciding.sync is not None:
        return next(row.sync for row in rows if row.face == deciding.sync)
    # First the faces that may speak, and among them that of the verdict on the video.
    order = (SPEAKS, "", UNTOLD, SILENT)
    first = min(
        rows,
        key=lambda row: (order.index(row.speaks), row.face != deciding.video, row.face),
    )
    if first.sync.note == NO_SPEECH:
        return Synchrony(note=NOBODY_SPEAKS)
    return first.sync


def _remarks(
    rows: Sequence[FaceRow], video: VideoScore, deciding: VideoFaces
) -> list[str]:
    """What to bear in mind about the faces of a video."""
    if len(rows) < 2:
        return [f"the face {note}" for row in rows for note in _notes_of(row)]
    remarks = []
    for row in rows:
        remarks += [f"face {row.face} {note}" for note in _notes_of(row)]
        if not is_seen_enough(row, rows):
            remarks.append(f"face {row.face} is seen too briefly to decide a verdict")
    visual = next((row for row in rows if row.face == deciding.visual), None)
    contradicts = video.verdict.visual == "fake" and video.verdict.video == "real"
    if visual is not None and contradicts and visual.face != deciding.video:
        remarks.append(
            f"the frames of face {visual.face} are judged fake, and the verdict on the video "
            f"rests on face {deciding.video}"
        )
    return remarks


def _notes_of(row: FaceRow) -> list[str]:
    """Each note on a face, as a predicate."""
    return [note for note in row.note.split("; ") if note]
