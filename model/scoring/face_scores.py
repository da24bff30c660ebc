"""From what was measured to the rows of `faces.csv`: each person of each file, judged alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from avdf.model.inference.decision import Judgement
from avdf.model.scoring.face_rows import SILENT, SPEAKS, UNTOLD, FaceRow
from avdf.model.scoring.group_scores import GroupScore, score_groups
from avdf.model.scoring.measured import Measured, SegmentFaces
from avdf.model.scoring.rows import scored_row
from avdf.model.scoring.seen_face import SeenFace
from avdf.model.scoring.subjects import Subject
from avdf.model.speaking.speech import IntArray, Speech
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.verdicts import PerVerdict

NO_SPEECH = "this face does not speak"
NOBODY_TOLD = "it cannot be told which of the faces speaks"

Mask = npt.NDArray[np.bool_]


def judge_faces(
    subjects: Sequence[tuple[int, Subject]], measured: Measured, judgement: Judgement
) -> dict[int, tuple[FaceRow, ...]]:
    """The rows of each video's faces, in order of their numbers, by the index of the video.

    The visual and the audio verdict rest on all segments of a face, the others on those in which
    the sound may be its own voice.

    Args:
        subjects: the videos that have scores, with their indices.
    """
    assert measured.faces is not None  # files tell persons apart
    faces = [
        (index, subject, seen) for index, subject in subjects for seen in subject.faces
    ]
    numbers = {(index, seen.face): n for n, (index, _, seen) in enumerate(faces)}
    # Of sound alone nobody is seen.
    shown = measured.faces.face > 0
    owners_of = measured.segments.chosen(shown)
    shown_faces = measured.faces.chosen(shown)
    owners = zip(owners_of.video.tolist(), shown_faces.face.tolist(), strict=True)
    group = np.array([numbers[owner] for owner in owners], np.int64)

    segments = replace(owners_of, video=group)
    whole = score_groups(segments, len(faces), judgement)
    speech = [shown_faces.speech[group == n] for n in range(len(faces))]
    own_voice = _own_voice(group, shown_faces, speech)
    voiced = score_groups(segments.chosen(own_voice), len(faces), judgement)

    found: dict[int, tuple[FaceRow, ...]] = {}
    for n, (index, subject, seen) in enumerate(faces):
        row = _face_row(subject, seen, (whole[n], voiced[n]), judgement)
        found[index] = (*found.get(index, ()), _with_speech(row, speech[n]))
    return found


def _own_voice(
    group: IntArray, faces: SegmentFaces, speech: Sequence[IntArray]
) -> Mask:
    """(n,) the segments whose sound may be the voice of the face that they show.

    Where a face speaks or is alone, only those count; else those of which nobody can tell; else,
    since another speaks in all of them, all of them.
    """
    chosen = np.zeros(len(group), bool)
    for n, states in enumerate(speech):
        for wanted in (
            (Speech.ALONE, Speech.SPEAKS),
            (Speech.UNTOLD,),
            (Speech.LISTENS,),
        ):
            if np.isin(states, wanted).any():
                chosen |= (group == n) & np.isin(faces.speech, wanted)
                break
    return chosen


def _speaks(states: IntArray) -> str:
    """Whether a face speaks, from its segments; '' where nobody is seen beside it in any."""
    if (states == Speech.SPEAKS).any():
        return SPEAKS
    if (states == Speech.ALONE).all():
        return ""
    # Where it is alone, the sound may be its voice, which is then compared with it.
    if (states == Speech.ALONE).any():
        return UNTOLD
    silent = int((states == Speech.LISTENS).sum())
    return SILENT if silent > len(states) / 2 else UNTOLD


def _face_row(
    subject: Subject,
    seen: SeenFace,
    scores: tuple[GroupScore, GroupScore],
    judgement: Judgement,
) -> FaceRow:
    """The row of one face: of all its segments, and of those with its own voice."""
    whole, voiced = scores
    row = scored_row(
        subject.info,
        PerVerdict(
            visual=whole.probability.visual,
            audio=whole.probability.audio,
            video=voiced.probability.video,
        ),
        judgement,
        voiced.distance,
        whole.segments,
        sync=voiced.sync,
        log10_ratio=PerVerdict(
            visual=whole.log10_ratio.visual,
            audio=whole.log10_ratio.audio,
            video=voiced.log10_ratio.video,
        ),
        measures=subject.measures.get(seen.face),
    )
    return FaceRow(
        id=subject.info.id,
        seen=seen,
        probability=row.probability,
        verdict=row.verdict,
        distance=row.distance,
        sync=row.sync,
        log10_ratio=row.log10_ratio,
        segments=row.segments,
        voiced=voiced.segments,
        note=seen.note,
        unlike=row.unlike,
    )


def _with_speech(row: FaceRow, states: IntArray) -> FaceRow:
    """The row with whether the face speaks: synchrony is that of a speaker's lips.

    Where the face is alone, nobody needs to be told apart.
    """
    speaks = _speaks(states)
    notes = {SILENT: NO_SPEECH}
    if not (states == Speech.ALONE).any():
        notes[UNTOLD] = NOBODY_TOLD
    # Where nothing was compared, that is the reason, whoever speaks.
    if speaks not in notes or row.sync.sync is None:
        return replace(row, speaks=speaks)
    return replace(row, speaks=speaks, sync=Synchrony(note=notes[speaks]))
