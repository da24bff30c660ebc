"""Sentences of a case on what was not examined, or has no verdict, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from avdf.cache.core.missing import (
    NO_AUDIO,
    NO_PICTURE,
    ONLY_SAMPLE,
    missing_note,
    reason_of,
)
from avdf.cache.shards.inputs_table import OK
from avdf.model.inference.decision import Judgement
from avdf.model.likelihood.likeness_words import ABOUT_RATIO
from avdf.model.report.case_words import MOST_SPANS, SUBJECTS, SYNC_SUBJECT
from avdf.model.report.evidence import Evidence
from avdf.model.report.number_text import some_spans
from avdf.model.report.unscored_parts import times_in_no_segment, times_without_face
from avdf.model.scoring.rows import SegmentRow, VideoScore
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict

# What a verdict needs, in the words of the column `examined`.
_MODALITY = PerVerdict(visual="picture", audio="sound", video="both")


@dataclass(frozen=True)
class NotExamined:
    """Something that was not examined, or has no verdict, and why."""

    what: str
    why: str


def list_not_examined(
    video: VideoScore,
    judgement: Judgement,
    evidence: Evidence | None,
    segments: Sequence[SegmentRow] = (),
) -> tuple[NotExamined, ...]:
    """All that was not examined or has no verdict, with the reason."""
    if video.status != OK:
        why = f"{video.reason} (status {video.status})"
        return (NotExamined("The whole file", why),)
    return (
        *_without_verdict(video, judgement),
        *_notes(video, judgement),
        *([] if evidence is None else _parts(video, evidence, segments)),
    )


def _without_verdict(video: VideoScore, judgement: Judgement) -> list[NotExamined]:
    """Each question that has no answer."""
    withheld = judgement.withheld(video.info.synthetic)
    found = []
    for name in REPORT_ORDER:
        if video.probability[name] is None:
            found.append(NotExamined(SUBJECTS[name], _why_no_score(name, video)))
        elif not video.verdict[name]:
            why = withheld or video.reason
            found.append(NotExamined(f"{SUBJECTS[name]}: no verdict", why))
    whether = "Whether picture and sound belong together"
    if video.sync.probability is None:
        found.append(NotExamined(whether, video.sync.note or "they were not compared"))
    elif not video.sync.verdict:
        why = video.sync.note or withheld or video.reason
        found.append(NotExamined(f"{SYNC_SUBJECT}: no verdict", why))
    return found


def _why_no_score(name: Verdict, video: VideoScore) -> str:
    unseen = missing_note(video.reason, NO_PICTURE)
    if name != "visual" and NO_AUDIO in video.reason:
        return "there is no sound to judge"
    if name != "audio" and unseen:
        return f"there is no picture to judge ({reason_of(unseen)})"
    if video.examined and video.examined not in ("both", _MODALITY[name]):
        return f"of this file only the {video.examined} was examined"
    return "the run was not trained for it"


def _notes(video: VideoScore, judgement: Judgement) -> list[NotExamined]:
    """What preparation notes, without what stands beside the findings already."""
    withheld = judgement.withheld(video.info.synthetic)
    notes = [
        note
        for note in video.reason.split("; ")
        if note and note != withheld and not note.startswith(ABOUT_RATIO)
    ]
    return [NotExamined("Note on the preparation of the file", one) for one in notes]


def _parts(
    video: VideoScore, evidence: Evidence, segments: Sequence[SegmentRow]
) -> list[NotExamined]:
    """Parts of the file's time that no verdict rests on."""
    found = []
    # Of a sample, the note says already that the rest was not looked at.
    without_face = [] if ONLY_SAMPLE in video.reason else times_without_face(evidence)
    if without_face:
        why = (
            "no face was followed there for at least 0.64 s: neither frames nor sound "
            "were scored"
        )
        found.append(_part(without_face, why))
    left = times_in_no_segment(evidence, segments) if segments else []
    if left:
        why = (
            "in no verdict, only in the curves over time. Verdicts rest on whole segments of "
            "0.64 s, and this rest of an unbroken run is shorter"
        )
        found.append(_part(left, why))
    return found


def _part(spans: list[tuple[float, float]], why: str) -> NotExamined:
    return NotExamined(f"The file at {some_spans(spans, MOST_SPANS)}", why)
